"""The card beside every file that is taken home: what it is, how good, and how it is asked."""

from __future__ import annotations

from typing import Any

from fmnist_core.export.checking import Check
from fmnist_core.export.formats import (
    KERAS,
    ONNX,
    ONNX_OPSET,
    TFLITE,
    TFLITE_DYNAMIC,
    TFLITE_INT8,
    Format,
)
from fmnist_core.export.identity import identity, judged
from fmnist_core.export.one_line import one_line
from fmnist_core.export.subject import Subject

_ASK_TFLITE = """
from ai_edge_litert.interpreter import Interpreter
import numpy as np

network = Interpreter(model_path="{file}")
network.allocate_tensors()
given, found = network.get_input_details()[0], network.get_output_details()[0]
network.set_tensor(given["index"], image.reshape(1, 28, 28, 1).astype(given["dtype"]))
network.invoke()
said = network.get_tensor(found["index"])[0]{scaled}
"""
_ASK = {
    KERAS: """
from fmnist_core.lab_keras import keras

network = keras.saving.load_model("{file}", compile=False)
said = network.predict(image.reshape(1, 28, 28, 1), verbose=0)[0]
""",
    ONNX: """
import numpy as np
import onnxruntime

network = onnxruntime.InferenceSession("{file}")
(said,) = network.run(None, {{"pixels": image.reshape(1, 28, 28, 1).astype(np.float32)}})[0]
""",
    TFLITE: _ASK_TFLITE.replace("{scaled}", ""),
    TFLITE_DYNAMIC: _ASK_TFLITE.replace("{scaled}", ""),
    TFLITE_INT8: _ASK_TFLITE.replace("{scaled}", " / 256"),
}


_FILE = "## The file "


def card(subject: Subject, wanted: Format, file: str, check: Check | None, before: str = "") -> str:
    """The card as Markdown: of the network first, then of each of its files.

    Args:
        before: The card that lies there already; what it says of other files of the same network
            is kept.
    """
    words = identity(subject)
    parts = [
        f"# {one_line(subject.name)}",
        "An image classifier for Fashion-MNIST, taken out of the Fashion-MNIST lab.",
        _facts(subject, words),
        _limits(subject),
        *_others(before, subject, file),
        _of_file(wanted, file, check),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _others(before: str, subject: Subject, file: str) -> list[str]:
    if subject.sha256 not in before:
        return []
    _, *sections = before.split(f"\n{_FILE}")
    return [
        f"{_FILE}{section.strip()}" for section in sections if not section.startswith(f"`{file}`")
    ]


def _of_file(wanted: Format, file: str, check: Check | None) -> str:
    opset = f"Opset {ONNX_OPSET}, batches of any size." if wanted.name == ONNX else ""
    parts = [f"{_FILE}`{file}`", wanted.purpose, opset, _checked(check), *_asking(wanted, file)]
    return "\n\n".join(part for part in parts if part)


def _facts(subject: Subject, words: dict[str, Any]) -> str:
    names = ", ".join(f"{place} {name}" for place, name in enumerate(words["classes"]))
    rows = {
        "Run": f"`{subject.id}`",
        "SHA-256 of the network": f"`{subject.sha256}`",
        "Input": f"28 x 28 {words['input']['values']}; {words['input']['content']}",
        "Output": words["output"],
        "Classes": names,
        "Temperature": f"{subject.calibration.temperature:.4g}: the lab divides scores by it "
        "before it says how sure the network is; the file's probabilities are those at 1",
        "Accuracy, as the lab judged it": _judged(subject),
        "Made with": ", ".join(f"{name} {number}" for name, number in words["versions"].items()),
    }
    return _table(("what", ""), list(rows.items()))


def _judged(subject: Subject) -> str:
    found = judged(subject)
    if found is None:
        return "not judged yet"
    both = ", mean of each image and its mirror image" if found["mirrored_too"] else ""
    on = f"{found['images']:,} {found['split']} images of {found['data']}{both}"
    return f"{found['accuracy']:.4f} on {on}"


def _checked(check: Check | None) -> str:
    if check is None:
        return ""
    rows = [
        ("accuracy", f"{check.accuracy:.4f} on {check.images:,} test images"),
        ("accuracy of the network itself", f"{check.accuracy_before:.4f} on the same"),
        ("equal labels", f"{check.labels_equal:,} of {check.images:,}"),
        ("largest difference of a probability", f"{check.max_probability_difference:.2g}"),
        ("one image, median", f"{check.single_ms:.3g} ms"),
    ]
    if check.batch_ms is not None:
        rows.append(("in batches, an image, median", f"{check.batch_ms:.3g} ms"))
    return _table(("checked", ""), rows)


def _asking(wanted: Format, file: str) -> list[str]:
    if wanted.name not in _ASK:
        return []
    code = _ASK[wanted.name].format(file=file).strip()
    return [f"To ask it, `image` being uint8 (28, 28):\n\n```python\n{code}\n```"]


def _limits(subject: Subject) -> str:
    learned = f"It learned from {subject.config.training.dataset}: small gray pictures."
    if subject.config.model.imported.active:
        learned = "It came to the lab as a file; what it learned from is not known there."
    return (
        f"**What it cannot do.** {learned} Pictures of another kind must be brought into their "
        "form first, and it names one of its classes whatever it is shown."
    )


def _table(head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|"]
    return "\n".join([*lines, *(f"| {one} | {other.replace('|', '/')} |" for one, other in rows)])

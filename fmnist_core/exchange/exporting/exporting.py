"""Exports a network in a format, checks the file with another program, and writes its model card.

exports/<network>/<format>/     in the lab's home, or any folder
    <network>.<ending>          the file
    model-card.md               what it is and how it is asked
    state.json                  how far it is, and how its check went (see `job`)
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import remove_leftovers, storage_errors, write_bytes
from fmnist_core.datasets import load_dataset
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.exchange.exporting.checking import Check, OnProgress
from fmnist_core.exchange.exporting.formats import (
    KERAS,
    ONNX,
    ONNX_OPSET,
    PAGE,
    REPORT,
    TFLITE,
    TFLITE_DYNAMIC,
    TFLITE_INT8,
    Format,
    one_line,
)
from fmnist_core.exchange.exporting.subject import Subject, identity, stored_evaluation
from fmnist_core.settings import Settings

_ASK_TFLITE = """
from ai_edge_litert.interpreter import Interpreter
import numpy as np

network = Interpreter(model_path="{file}")
network.allocate_tensors()
given, found = network.get_input_details()[0], network.get_output_details()[0]
network.set_tensor(given["index"], image.reshape(1, {side}, {side}, 1).astype(given["dtype"]))
network.invoke()
said = network.get_tensor(found["index"])[0]{scaled}
"""

_ASK = {
    KERAS: """
from fmnist_core.lab_keras import keras

network = keras.saving.load_model("{file}", compile=False)
said = network.predict(image.reshape(1, {side}, {side}, 1), verbose=0)[0]
""",
    ONNX: """
import numpy as np
import onnxruntime

network = onnxruntime.InferenceSession("{file}")
(said,) = network.run(None, {{"pixels": image.reshape(1, {side}, {side}, 1).astype(np.float32)}})[0]
""",
    TFLITE: _ASK_TFLITE.replace("{scaled}", ""),
    TFLITE_DYNAMIC: _ASK_TFLITE.replace("{scaled}", ""),
    TFLITE_INT8: _ASK_TFLITE.replace("{scaled}", " / 256"),
}

_FILE = "## The file "


CARD = "model-card.md"
# To be handed out, from a folder that a class may read.
FOR_ALL = 0o644


@dataclass(frozen=True)
class Exported:
    """A file that was handed out.

    Attributes:
        path: Of the file.
        size: In bytes.
        check: How it compares with the network; None where it holds no network.
    """

    path: Path
    size: int
    check: Check | None

    @property
    def card_path(self) -> Path:
        return self.path.parent / CARD


def export(
    subject: Subject,
    wanted: Format,
    folder: Path,
    settings: Settings,
    on_progress: OnProgress = lambda share, what: None,
) -> Exported:
    """Writes the file and its card into `folder`, after it was checked.

    Raises:
        ExportError: The format cannot hold this network, or the file answers otherwise.
        ConfigError: The training cannot be written as a script.
        NoDataError: The images to check by are not here.
        StorageError: The disk is full or cannot be written.
    """
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        remove_leftovers(folder, ".part-*")
    path = folder / f"{subject.id}{wanted.ending}"
    with storage_errors(folder), tempfile.TemporaryDirectory(dir=folder, prefix=".part-") as part:
        temporary = Path(part) / path.name
        check = _made(subject, wanted, temporary, settings, on_progress)
        # The card first: a file without one should not lie about.
        card_path, there = _card_of(subject, folder)
        write_bytes(card_path, _card(subject, wanted, path.name, check, there).encode())
        for each in (card_path, temporary):
            each.chmod(FOR_ALL)
        temporary.replace(path)
    return Exported(path, path.stat().st_size, check)


def _card_of(subject: Subject, folder: Path) -> tuple[Path, str]:
    """The path of the card, and an existing card; one of another network stays."""
    for path in (folder / CARD, folder / f"{subject.id}-{CARD}"):
        text = path.read_text("utf-8", errors="replace") if path.is_file() else ""
        if not text or f"`{subject.id}`" in text:
            break
    return path, text


def _made(
    subject: Subject, wanted: Format, path: Path, settings: Settings, on_progress: OnProgress
) -> Check | None:
    if wanted.is_network:
        data = load_dataset(subject.config.training.dataset, settings)
        return _network(subject, wanted, path, data, settings, on_progress)
    if wanted.name == REPORT:
        from fmnist_core.exchange.exporting.report import report

        path.write_text(report(subject, settings), "utf-8")
        return None
    from fmnist_core.exchange.exporting.source_code import written

    path.write_text(written(subject, wanted.name), "utf-8")
    return None


def _network(
    subject: Subject,
    wanted: Format,
    path: Path,
    data: Dataset,
    settings: Settings,
    on_progress: OnProgress,
) -> Check:
    if wanted.name == PAGE:
        from fmnist_core.exchange.exporting.page import export_page

        return export_page(subject, path, data, settings, on_progress)
    # Keras takes seconds to import, and only workers may.
    from fmnist_core.exchange.exporting.network_file import export_network

    return export_network(subject, wanted, path, data, on_progress)


def _card(
    subject: Subject, wanted: Format, file: str, check: Check | None, before: str = ""
) -> str:
    """The card as Markdown: of the network first, then of each of its files.

    Args:
        before: An existing card; what it says of other files of the same network
            is kept.
    """
    words = identity(subject)
    parts = [
        f"# {one_line(subject.name)}",
        "An image classifier for Fashion-MNIST, taken out of the Fashion-MNIST lab.",
        _facts(subject, words),
        _limits(subject),
        *_others(before, subject, file),
        _of_file(wanted, file, check, subject.side),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _others(before: str, subject: Subject, file: str) -> list[str]:
    if subject.sha256 not in before:
        return []
    _, *sections = before.split(f"\n{_FILE}")
    return [
        f"{_FILE}{section.strip()}" for section in sections if not section.startswith(f"`{file}`")
    ]


def _of_file(wanted: Format, file: str, check: Check | None, side: int) -> str:
    opset = f"Opset {ONNX_OPSET}, batches of any size." if wanted.name == ONNX else ""
    parts = [
        f"{_FILE}`{file}`",
        wanted.purpose,
        opset,
        _checked(check),
        *_asking(wanted, file, side),
    ]
    return "\n\n".join(part for part in parts if part)


def _facts(subject: Subject, words: dict[str, Any]) -> str:
    names = ", ".join(f"{place} {name}" for place, name in enumerate(words["classes"]))
    rows = {
        "Run": f"`{subject.id}`",
        **_origin(subject),
        "SHA-256 of the network": f"`{subject.sha256}`",
        "Input": f"{subject.side} x {subject.side} {words['input']['values']}; "
        f"{words['input']['content']}",
        "Output": words["output"],
        "Classes": names,
        "Temperature": f"{subject.calibration.temperature:.4g}: the lab divides scores by it "
        "before it says how sure the network is; the file's probabilities are those at 1",
        "Accuracy, as the lab judged it": _evaluated(subject),
        "Made with": ", ".join(f"{name} {number}" for name, number in words["versions"].items()),
    }
    return _table(("what", ""), list(rows.items()))


def _origin(subject: Subject) -> dict[str, str]:
    """Nobody's name: a card leaves the class."""
    origin = subject.folder.meta.origin
    if origin is None:
        return {}
    return {"Copy of": f"`{one_line(origin.run)}` ({one_line(origin.name)}), taken in a class"}


def _evaluated(subject: Subject) -> str:
    found = stored_evaluation(subject)
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


def _asking(wanted: Format, file: str, side: int) -> list[str]:
    if wanted.name not in _ASK:
        return []
    code = _ASK[wanted.name].format(file=file, side=side).strip()
    return [f"To ask it, `image` being uint8 ({side}, {side}):\n\n```python\n{code}\n```"]


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

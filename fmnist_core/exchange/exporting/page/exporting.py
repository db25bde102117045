"""Builds the stand-alone HTML page with the network as JSON, and checks its answers."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from jinja2 import Template
from markupsafe import Markup
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.config import RunConfig
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.errors import ExportError
from fmnist_core.exchange.exporting.checking import Check, OnProgress, beside, check_agreement
from fmnist_core.exchange.exporting.subject import (
    Subject,
    identity,
    parts_of,
    stored_evaluation,
)
from fmnist_core.lab_keras import keras
from fmnist_core.models import summarise
from fmnist_core.models.calibration import Calibration
from fmnist_core.models.plan import Layer, plan, scale_and_offset
from fmnist_core.runs.pretrained import SHIPPED
from fmnist_core.settings import Settings
from fmnist_core.training.network import Classifier, load_classifier

_PROGRAM = ("network.js", "preparing.js", "page.js")


# JavaScript does some 10^9 multiply-adds a second: ten to twenty seconds, whatever the network.
_MULTIPLY_ADDS = 1.2e10
_LEAST = 100


def export_page(
    subject: Subject, path: Path, data: Dataset, settings: Settings, on_progress: OnProgress
) -> Check:
    """Writes the page to `path`, after its program was asked about test images.

    Raises:
        ExportError: It has layers that the program does not know, or the program answers
            otherwise than the lab.
    """
    on_progress(0.0, "loading the network")
    classifier = load_classifier(subject.model, settings)
    parts = parts_of(subject, settings)
    loaded = classifier.networks.values()
    models = {part.id: found.model for part, found in zip(parts, loaded, strict=True)}
    # 3 bytes are enough for the shipped networks, not for every run's.
    bytes_each = 3 if subject.model == SHIPPED else 4
    networks = [
        _packed(part.id, part.name, part.config, models[part.id], part.calibration, bytes_each)
        for part in parts
    ]
    classes = list(CLASS_NAMES)
    # Test images all go to one network; mirrored ones are asked twice.
    cost = summarise(subject.config.model).multiply_adds
    cost *= 2 if subject.config.training.test_time_flip else 1
    check = _ask_page(_program(networks, classes), cost, classifier, data, on_progress)
    check_agreement(check, "page")
    words = _title(subject), _facts(subject), identity(subject)
    path.write_text(_page(networks, classes, *words), "utf-8")
    return check


def _title(subject: Subject) -> str:
    if subject.model == SHIPPED:
        return "What is it? Draw a garment"
    return subject.name


def _facts(subject: Subject) -> str:
    found = stored_evaluation(subject)
    if found is None:
        return f"Trained in the Fashion-MNIST lab as {subject.id}."
    return (
        f"Trained in the Fashion-MNIST lab as {subject.id}: {found['accuracy']:.1%} of "
        f"{found['images']:,} {found['split']} images of {found['data']} right."
    )


def _ask_page(
    script: str, multiply_adds: int, classifier: Classifier, data: Dataset, on_progress: OnProgress
) -> Check:
    """Compares the page with the lab on test images, evenly through all of them.

    Args:
        script: The page's JavaScript.
        multiply_adds: What it computes for one image, which decides how many are asked about.
    """
    places = _places(len(data.test), multiply_adds)
    images, labels = data.test.images[places], data.test.labels[places]
    expected = classifier.answers(images).probabilities
    said, seconds = _answers(script, images, on_progress)
    return beside(expected, said, labels, 1000 * median(seconds), None)


def _places(count: int, multiply_adds: int) -> NDArray[np.int64]:
    wanted = min(count, max(_LEAST, int(_MULTIPLY_ADDS / max(1, multiply_adds))))
    return np.linspace(0, count - 1, wanted).astype(np.int64)


def _answers(
    script: str, images: NDArray[np.uint8], on_progress: OnProgress
) -> tuple[NDArray[np.float32], list[float]]:
    # An embedded V8, as in Chromium: a browser need not be installed.
    from py_mini_racer import MiniRacer

    engine = MiniRacer()
    engine.eval(script)
    said, seconds = [], []
    for number, image in enumerate(images):
        began = time.perf_counter()
        answer = engine.eval(f"JSON.stringify(answer_for({image.ravel().tolist()}))")
        seconds.append(time.perf_counter() - began)
        said.append(json.loads(str(answer)))
        on_progress(0.2 + 0.8 * (number + 1) / len(images), "asking the page")
    return np.asarray(said, np.float32), seconds


def _program(networks: list[dict[str, Any]], classes: list[str]) -> str:
    """The page's JavaScript: functions, and `NETWORKS` and `CLASSES`."""
    constants = f"const CLASSES = {_for_script(classes)};\nconst PACKED = {_for_script(networks)};"
    return "\n".join([constants, *(_part(name) for name in _PROGRAM)])


def _page(
    networks: list[dict[str, Any]],
    classes: list[str],
    title: str,
    facts: str,
    identity: dict[str, Any],
) -> str:
    """The whole file.

    Args:
        identity: What other formats carry as metadata; for programs that read the page.
        title, facts: Plain text; nothing in it is taken for HTML.
    """
    return Template(_part("page.html"), autoescape=True, keep_trailing_newline=True).render(
        title=title,
        facts=facts,
        style=Markup(_part("page.css")),
        identity=Markup(_for_script(identity)),
        program=Markup(_program(networks, classes)),
    )


def _for_script(value: Any) -> str:
    """JSON that cannot end the script around it."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _part(name: str) -> str:
    return (files("fmnist_core.exchange.exporting.page") / name).read_text("utf-8")


def _packed(
    name: str,
    title: str,
    config: RunConfig,
    model: keras.Model,
    calibration: Calibration,
    bytes_each: int = 4,
) -> dict[str, Any]:
    """The network as JSON values, which `page.js` reads.

    Args:
        bytes_each: Of a weight: 4 as it is, 3 rounded (see `_short_floats`).

    Raises:
        ExportError: It has layers of others, which the page's program does not know.
    """
    if config.model.backbone.active or config.model.imported.active:
        raise ExportError(
            "The page's small program knows the lab's own blocks, not the layers of others.",
            received="an imported network" if config.model.imported.active else "a backbone",
            advice="Export it as .keras, TFLite or ONNX.",
        )
    layers = plan(config.model)
    arrays = [array for layer in layers for array in _weights(model, layer)]
    return {
        "name": name,
        "title": title,
        "mirrored": config.training.test_time_flip,
        "logits": config.model.output == "logits",
        "temperature": calibration.temperature,
        "clothing_threshold": calibration.clothing_threshold,
        "other_clothing_threshold": calibration.other_clothing_threshold,
        "layers": [_layer(model, layer) for layer in layers],
        "bytes_each": bytes_each,
        "weights": base64.b64encode(_bytes(arrays, bytes_each)).decode(),
    }


def _bytes(arrays: list[NDArray[np.float32]], bytes_each: int) -> bytes:
    flat = np.concatenate([np.zeros(0, np.float32), *(array.ravel() for array in arrays)])
    return flat.astype("<f4").tobytes() if bytes_each == 4 else _short_floats(flat)


def _short_floats(flat: NDArray[np.float32]) -> bytes:
    """Numbers in 24 bits: a float32 rounded to 16 significant bits, its last byte left away.

    A quarter of the file is saved. The largest error is 2^-17 of a number: no probability of the
    shipped networks changed by more than 3e-5, those of a run by up to 1.5e-4.
    """
    bits = flat.astype("<f4").view("<u4").astype(np.uint64)
    rounded = ((bits + 0x7F + ((bits >> 8) & 1)) >> 8).astype("<u4")
    return rounded.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()


def _layer(model: keras.Model, layer: Layer) -> dict[str, Any]:
    options = dict(layer.options)
    if layer.kind == "scale":
        scale, offset = scale_and_offset(options["normalization"])
        options = {"scale": scale, "offset": offset}
    return {
        "name": layer.name,
        "kind": layer.kind,
        "inputs": layer.inputs,
        "shape": layer.shape,
        "options": options,
        "sizes": [int(array.size) for array in _weights(model, layer)],
    }


def _weights(model: keras.Model, layer: Layer) -> Iterator[NDArray[np.float32]]:
    """In Keras' order: kernel and bias; or gamma, beta, mean and variance."""
    for array in model.get_layer(layer.name).get_weights():
        yield np.asarray(array, np.float32)

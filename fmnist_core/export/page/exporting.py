"""The page is built, asked what the lab is asked, and written."""

from __future__ import annotations

import json
import time
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data.dataset import Dataset
from fmnist_core.export.checking import Check, Heard, beside, check_agreement
from fmnist_core.export.identity import class_names, identity, judged
from fmnist_core.export.page.building import page, program
from fmnist_core.export.page.packing import packed
from fmnist_core.export.subject import Subject, parts_of
from fmnist_core.model import summarise
from fmnist_core.settings import Settings
from fmnist_core.shipped import SHIPPED
from fmnist_core.training.network import Recogniser, load_recogniser

# JavaScript does some 10^9 multiply-adds a second: ten to twenty seconds, whatever the network.
_MULTIPLY_ADDS = 1.2e10
_LEAST = 100


def export_page(
    subject: Subject, path: Path, data: Dataset, settings: Settings, heard: Heard
) -> Check:
    """Writes the page to `path`, after its program was asked about test images.

    Raises:
        ExportError: It has layers that the program does not know, or the program answers
            otherwise than the lab.
    """
    heard(0.0, "loading the network")
    recogniser = load_recogniser(subject.model, settings)
    parts = parts_of(subject, settings)
    models = {part.id: recogniser.networks[part.id].model for part in parts}
    # 3 bytes are enough for the shipped networks, not for every run's.
    bytes_each = 3 if subject.model == SHIPPED else 4
    networks = [
        packed(part.id, part.name, part.config, models[part.id], part.calibration, bytes_each)
        for part in parts
    ]
    classes = class_names(subject.classes)
    # Test images all go to one network; mirrored ones are asked twice.
    cost = summarise(subject.config.model).multiply_adds
    cost *= 2 if subject.config.training.flip_at_test else 1
    check = _ask_page(program(networks, classes), cost, recogniser, data, heard)
    check_agreement(check, "page")
    words = _title(subject), _facts(subject), identity(subject)
    path.write_text(page(networks, classes, *words), "utf-8")
    return check


def _title(subject: Subject) -> str:
    if subject.model == SHIPPED:
        return "What is it? Draw a garment"
    return subject.name


def _facts(subject: Subject) -> str:
    found = judged(subject)
    if found is None:
        return f"Trained in the Fashion-MNIST lab as {subject.id}."
    return (
        f"Trained in the Fashion-MNIST lab as {subject.id}: {found['accuracy']:.1%} of "
        f"{found['images']:,} {found['split']} images of {found['data']} right."
    )


def _ask_page(
    script: str, multiply_adds: int, recogniser: Recogniser, data: Dataset, heard: Heard
) -> Check:
    """Compares the page with the lab on test images, evenly through all of them.

    Args:
        script: The page's JavaScript.
        multiply_adds: What it computes for one image, which decides how many are asked about.
    """
    places = _places(len(data.test), multiply_adds)
    images, labels = data.test.images[places], data.test.labels[places]
    expected = recogniser.answers(images).probabilities
    said, seconds = _answers(script, images, heard)
    return beside(expected, said, labels, 1000 * median(seconds), None)


def _places(count: int, multiply_adds: int) -> NDArray[np.int64]:
    wanted = min(count, max(_LEAST, int(_MULTIPLY_ADDS / max(1, multiply_adds))))
    return np.linspace(0, count - 1, wanted).astype(np.int64)


def _answers(
    script: str, images: NDArray[np.uint8], heard: Heard
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
        heard(0.2 + 0.8 * (number + 1) / len(images), "asking the page")
    return np.asarray(said, np.float32), seconds

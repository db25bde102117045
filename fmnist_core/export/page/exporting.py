"""The page is built, checked, and written."""

from __future__ import annotations

from pathlib import Path

from fmnist_core.data.dataset import Dataset
from fmnist_core.export.checking import Check, check_agreement
from fmnist_core.export.exporting import Heard
from fmnist_core.export.identity import class_names, identity, judged
from fmnist_core.export.page.asking import ask_page
from fmnist_core.export.page.building import page, program
from fmnist_core.export.page.packing import packed
from fmnist_core.export.subject import Subject, parts_of
from fmnist_core.model import summarise
from fmnist_core.settings import Settings
from fmnist_core.shipped import SHIPPED
from fmnist_core.training.network import load_recogniser


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
    check = ask_page(program(networks, classes), cost, recogniser, data, heard)
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

"""A network as a file for other programs: converted, stamped, asked, compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fmnist_core.data.dataset import Dataset
from fmnist_core.export.checking import Check, Heard, check_agreement, compare
from fmnist_core.export.conversion import CALIBRATION_IMAGES, answering_model, to_onnx, to_tflite
from fmnist_core.export.formats import KERAS, ONNX, TFLITE_DYNAMIC, TFLITE_INT8, Format
from fmnist_core.export.identity import identity
from fmnist_core.export.metadata import stamp
from fmnist_core.export.runtimes import Images, Probabilities, runtime_of
from fmnist_core.export.subject import Subject
from fmnist_core.lab_keras import keras

_AT_ONCE = 500
# Shares of the time that the parts take.
_ASKED, _CONVERTED = 0.4, 0.6


def export_network(
    subject: Subject, wanted: Format, path: Path, data: Dataset, heard: Heard
) -> Check:
    """Writes the network to `path`, and asks the file about all test images.

    Raises:
        ExportError: The format cannot hold this network, or the file answers otherwise.
    """
    heard(0.0, "asking the network itself")
    model = answering_model(subject)
    expected = _said(model, data.test.images)
    heard(_ASKED, f"writing {wanted.title}")
    _write(model, path, wanted, data)
    stamp(path, wanted.name, identity(subject))
    check = compare(
        data.test.images,
        data.test.labels,
        expected,
        runtime_of(path, wanted.name),
        runtime_of(path, wanted.name, threads=1),
        lambda share: heard(_CONVERTED + (1 - _CONVERTED) * share, "asking the file"),
    )
    if wanted.name not in (TFLITE_DYNAMIC, TFLITE_INT8):
        check_agreement(check, wanted.title)
    return check


def _said(model: keras.Model, images: Images) -> Probabilities:
    parts = range(0, len(images), _AT_ONCE)
    asked = (images[start : start + _AT_ONCE, ..., None] for start in parts)
    return np.concatenate([model.predict_on_batch(part.astype(np.float32)) for part in asked])


def _write(model: keras.Model, path: Path, wanted: Format, data: Dataset) -> None:
    if wanted.name == KERAS:
        model.save(path)
    elif wanted.name == ONNX:
        to_onnx(model, path)
    else:
        to_tflite(model, path, wanted.name, _examples(data))


def _examples(data: Dataset) -> Images:
    """Training images of all classes, evenly through the data set."""
    step = max(1, len(data.train) // CALIBRATION_IMAGES)
    return data.train.images[::step][:CALIBRATION_IMAGES]

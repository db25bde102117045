"""After the last epoch: how far the network's scores can be believed."""

from __future__ import annotations

import keras

from fmnist_core.data.dataset import Dataset
from fmnist_core.durable import write_json
from fmnist_core.explain.scores import scores
from fmnist_core.looks.mixture import other_looks
from fmnist_core.recognition.fit import fit_calibration
from fmnist_core.recognition.verdict import Calibration
from fmnist_core.runs.folder import RunFolder
from fmnist_core.training.parts import split_parts


def calibrate(folder: RunFolder, model: keras.Model, data: Dataset) -> Calibration:
    """Fits a calibration to the run's validation images and stores it in its folder.

    The temperature comes from the images as they are. What counts as clothing is decided by them
    and, as many again, by the looks that the run learned: drawings are clothing, too.

    A run that held no images back gets none: what was learned from would make it too sure.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    held = split_parts(data, folder.config.training).validation
    if held is None:
        return Calibration()
    looks = other_looks(held, folder.config.training)
    source = f"{len(held)} validation images of {data.identity.name}"
    if len(looks):
        source += f", for clothing also {len(looks)} in other looks"
    fitted = fit_calibration(
        scores(model, held.images),
        held.labels,
        source,
        scores(model, looks) if len(looks) else None,
    )
    write_json(folder.calibration_path, fitted.to_json())
    return fitted

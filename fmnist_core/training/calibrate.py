"""After the last epoch: what the network says about the images held back, and how far that goes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data.dataset import DataIdentity, Dataset, ImageSet
from fmnist_core.durable import write_json
from fmnist_core.evaluation import HeldBack, Predictions, store_held_back
from fmnist_core.lab_keras import keras
from fmnist_core.looks.mixture import other_looks
from fmnist_core.recognition.fit import fit_calibration
from fmnist_core.recognition.verdict import Calibration, answers_from
from fmnist_core.runs.folder import RunFolder
from fmnist_core.training.parts import split_indices
from fmnist_core.training.scoring import run_scores


def judge_held_back(folder: RunFolder, model: keras.Model, data: Dataset) -> Calibration:
    """Stores the answers for the run's validation images, and a calibration fitted to them.

    A run that held no images back gets neither: what was learned from would make it too sure.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    _, choose = split_indices(data.train.labels, folder.config.training)
    if not len(choose):
        return Calibration()
    held = data.train.take(choose)
    own = run_scores(model, held.images, mirrored=folder.config.training.flip_at_test)
    said = Predictions(answers_from(own, Calibration()).probabilities, held.labels)
    store_held_back(folder, HeldBack(said, choose, data.identity.fingerprint))
    return _calibrate(folder, model, held, own, data.identity)


def _calibrate(
    folder: RunFolder,
    model: keras.Model,
    held: ImageSet,
    own: NDArray[np.float32],
    identity: DataIdentity,
) -> Calibration:
    """The temperature comes from the images as they are (scores `own`, float32 (n, 10)).

    What counts as clothing is decided by them and, as many again, by the looks that the run
    learned: drawings are clothing, too.
    """
    training = folder.config.training
    looks = other_looks(held, training)
    source = f"{len(held)} validation images of {identity.name}"
    if len(looks):
        source += f", for clothing also {len(looks)} in other looks"
    of_looks = run_scores(model, looks, mirrored=training.flip_at_test) if len(looks) else None
    fitted = fit_calibration(own, held.labels, source, of_looks)
    write_json(folder.calibration_path, fitted.to_json())
    return fitted

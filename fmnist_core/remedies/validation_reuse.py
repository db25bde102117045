"""Validation images shared by two runs and by all runs whose weights they started from."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from fmnist_core.config import RunConfig, TrainConfig
from fmnist_core.datasets.load import load_dataset
from fmnist_core.errors import DataError, LabError
from fmnist_core.evaluation import ValidationPredictions, load_validation_predictions
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import SHIPPED, SHIPPED_EVERYDAY, shipped_card
from fmnist_core.settings import Settings
from fmnist_core.training.splits import split_indices

_Indices = NDArray[np.int64]
_FRESH = "Train the run again from random weights, and improve that one."


def validation_predictions(folder: RunFolder) -> ValidationPredictions:
    """The stored predictions of a run for its validation images.

    Raises:
        DataError: It has no validation images, no stored predictions, or a damaged file.
    """
    if not folder.config.training.validation_share:
        raise DataError(
            "This run has no validation images, so remedies cannot be compared.",
            received=folder.name,
            advice="Train it again with a validation share above 0.",
        )
    found = load_validation_predictions(folder)
    if found is None:
        raise DataError(
            "The run's predictions for its validation images are not stored.",
            received=folder.name,
            advice="Evaluate the run again.",
        )
    return found


def shared_validation_indices(one: RunFolder, other: RunFolder, settings: Settings) -> _Indices:
    """Indices, rising, of the training images that neither run has ever learned from.

    Raises:
        DataError: Their data sets differ, a run they started from is missing, or no image is left.
    """
    mine, theirs = validation_predictions(one), validation_predictions(other)
    if mine.fingerprint != theirs.fingerprint:
        raise DataError(
            "Two runs can be compared if their validation images are of the same data set.",
            received=f"{one.config.training.dataset} and {other.config.training.dataset}",
        )
    left = np.intersect1d(mine.indices, theirs.indices, assume_unique=True)
    for folder in (one, other):
        for began_with in _beginnings(folder.config, folder.id, settings):
            left = _kept_by(began_with, folder.config.training, left, settings)
    if not len(left):
        raise DataError(
            "No image is left that neither run has ever learned from.",
            received=f"{one.name} and {other.name}",
            advice="Compare runs with the same seed and the same validation share.",
        )
    return left


def _kept_by(
    began_with: TrainConfig, training: TrainConfig, indices: _Indices, settings: Settings
) -> _Indices:
    """Those of `indices` that are validation images of a run trained so, too."""
    if began_with.dataset != training.dataset:
        return indices
    if _split(began_with) == _split(training):
        return indices
    labels = load_dataset(training.dataset, settings).train.labels
    return np.intersect1d(indices, split_indices(labels, began_with)[1], assume_unique=True)


def _split(training: TrainConfig) -> tuple[int, float, int]:
    """The fields that determine the validation images."""
    return training.train_images, training.validation_share, training.seed


def _beginnings(config: RunConfig, run_id: str, settings: Settings) -> Iterator[TrainConfig]:
    """The configurations of the runs that this one started from, the latest first."""
    seen = {run_id}
    while source := config.training.initial_weights:
        if source in seen:
            return
        seen.add(source)
        config = _config_of(source, settings)
        yield config.training
        if source == SHIPPED:
            # What it began with was a run of those who made the lab.
            return


def _config_of(source: str, settings: Settings) -> RunConfig:
    try:
        if source == SHIPPED:
            recipe = shipped_card(SHIPPED_EVERYDAY).get("recipe", {})
            return RunConfig.from_json(recipe.get("config"))
        return RunFolder.open(settings.runs_dir, source).config
    except LabError as error:
        raise DataError(
            "The run that this one started from is gone, so its validation images are unknown.",
            received=source,
            advice=_FRESH,
        ) from error

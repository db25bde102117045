"""Images that neither of two networks learned from, nor any whose weights they began with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from fmnist_core.config import RunConfig, TrainConfig
from fmnist_core.datasets.load import load_dataset
from fmnist_core.errors import DataError, LabError
from fmnist_core.evaluation import HeldBack, load_held_back
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import SHIPPED, SHIPPED_EVERYDAY, shipped_card
from fmnist_core.settings import Settings
from fmnist_core.training.splits import split_indices

_Indices = NDArray[np.int64]
_FRESH = "Train the run again from random weights, and improve that one."


def held_back(folder: RunFolder) -> HeldBack:
    """The stored answers of a run for the images it held back.

    Raises:
        DataError: It held none back, is older than these files, or the file is damaged.
    """
    if not folder.config.training.validation_share:
        raise DataError(
            "This run held no images back, so that nothing can be chosen by them.",
            received=folder.meta.name,
            advice="Train it again with a share of the images held back.",
        )
    found = load_held_back(folder)
    if found is None:
        raise DataError(
            "What this run says about the images it held back is not stored.",
            received=folder.meta.name,
            advice="Evaluate the run again.",
        )
    return found


def untouched(one: RunFolder, other: RunFolder, settings: Settings) -> _Indices:
    """Rising indices among the training images of those that neither has ever learned from.

    Raises:
        DataError: The runs are about other images, a beginning cannot be traced, or none is left.
    """
    mine, theirs = held_back(one), held_back(other)
    if mine.fingerprint != theirs.fingerprint:
        raise DataError(
            "Two runs can be compared where both held back images of the same data set.",
            received=f"{one.config.training.dataset} and {other.config.training.dataset}",
        )
    left = np.intersect1d(mine.indices, theirs.indices, assume_unique=True)
    for folder in (one, other):
        for began_with in _beginnings(folder.config, folder.id, settings):
            left = _kept_by(began_with, folder.config.training, left, settings)
    if not len(left):
        raise DataError(
            "No image is left that neither run has ever learned from.",
            received=f"{one.meta.name} and {other.meta.name}",
            advice="Compare runs with the same seed and the same share of images held back.",
        )
    return left


def _kept_by(
    began_with: TrainConfig, training: TrainConfig, indices: _Indices, settings: Settings
) -> _Indices:
    """Those of `indices` that a network trained so held back as well."""
    if began_with.dataset != training.dataset:
        return indices
    if _split(began_with) == _split(training):
        return indices
    labels = load_dataset(training.dataset, settings).train.labels
    return np.intersect1d(indices, split_indices(labels, began_with)[1], assume_unique=True)


def _split(training: TrainConfig) -> tuple[int, float, int]:
    """What decides which images are held back."""
    return training.train_images, training.validation_share, training.seed


def _beginnings(config: RunConfig, run_id: str, settings: Settings) -> Iterator[TrainConfig]:
    """How the networks were trained whose weights this one has, the nearest first."""
    seen = {run_id}
    while source := config.training.initial_weights:
        if source in seen:
            return
        seen.add(source)
        config = _config_of(source, settings)
        yield config.training


def _config_of(source: str, settings: Settings) -> RunConfig:
    try:
        if source == SHIPPED:
            recipe = shipped_card(SHIPPED_EVERYDAY).get("recipe", {})
            return RunConfig.from_json(recipe.get("config"))
        return RunFolder.open(settings.runs_dir, source).config
    except LabError as error:
        raise DataError(
            "The run whose weights this one began with is gone, so nobody knows which images it "
            "had learned from.",
            received=source,
            advice=_FRESH,
        ) from error

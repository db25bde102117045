"""Loads a run's or a shipped network, with test-time augmentation where configured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fmnist_core.lab_keras import keras
from fmnist_core.models.build import load_model
from fmnist_core.models.calibration import (
    CalibratedPredictions,
    Calibration,
    calibrated_predictions,
)
from fmnist_core.models.features import scores
from fmnist_core.models.prediction import flip_averaged_scores
from fmnist_core.runs.pretrained import ModelRef, networks_of, predictions_of
from fmnist_core.settings import Settings


@dataclass(frozen=True, eq=False)
class _Network:
    model: keras.Model
    calibration: Calibration
    mirrored: bool


@dataclass(frozen=True, eq=False)
class Classifier:
    """A model in this process.

    Attributes:
        model: `"shipped"`, one network of it, or the identifier or the whole path of a run.
        networks: Those it consists of, by their names.
    """

    model: str
    networks: dict[str, _Network]

    def answers(self, images: NDArray[np.uint8]) -> CalibratedPredictions:
        """Calibrated predictions for images uint8 (n, 28, 28), or sheets (n, 112, 112)."""
        return predictions_of(self.model, images, self._ask)

    def _ask(self, name: str, images: NDArray[np.uint8]) -> CalibratedPredictions:
        asked = self.networks[name]
        said = run_scores(asked.model, images, mirrored=asked.mirrored)
        return calibrated_predictions(said, asked.calibration, name)


def load_classifier(model: str | Path, settings: Settings) -> Classifier:
    """The model called `model`, loaded into this process.

    Args:
        model: `"shipped"`, one network of it, or the identifier or the folder of a run.

    Raises:
        RunError: There is no such run, it saved no network, or a shipped one is missing.
        TrainingError: A network's file is damaged.
    """
    if isinstance(model, Path):
        ref = ModelRef.open(model, settings)
        return Classifier(ref.name, {ref.name: _load(ref)})
    refs = [ModelRef.open(name, settings) for name in networks_of(model)]
    return Classifier(model, {ref.name: _load(ref) for ref in refs})


def _load(ref: ModelRef) -> _Network:
    return _Network(load_model(ref.path), ref.calibration, ref.test_time_flip)


def run_scores(
    model: keras.Model, images: NDArray[np.uint8], *, mirrored: bool = False
) -> NDArray[np.float32]:
    """Raw scores float32 (n, outputs) for images uint8 (n, s, s)."""
    if mirrored:
        return flip_averaged_scores(lambda some: scores(model, some), images)
    return scores(model, images)

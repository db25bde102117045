"""Runs with invented answers for the images they held back and for test images; no Keras."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.evaluation import (
    Evaluation,
    Predictions,
    ValidationPredictions,
    store,
    store_validation_predictions,
)
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings, load_settings
from fmnist_core.training.splits import split_indices
from tests.nets import tiny

MakeRun = Callable[..., RunFolder]


def answers(labels: NDArray[np.uint8], mixed_up: float) -> NDArray[np.float32]:
    """Right for all but the share `mixed_up` of the shirts, which are taken for T-shirts."""
    said = labels.astype(int)
    shirts = np.flatnonzero(labels == 6)
    said[shirts[: round(mixed_up * len(shirts))]] = 0
    return np.eye(10, dtype=np.float32)[said]


@pytest.fixture
def settings(home: Path) -> Settings:
    return load_settings()


@pytest.fixture
def make_run(settings: Settings, garments: Dataset) -> MakeRun:
    save_arrays(synthetic_folder(settings), garments)

    def made(mixed_up: float = 0.5, *changes: str) -> RunFolder:
        config = tiny("validation_share=0.5", *changes)
        folder = RunFolder.create(settings.runs_dir, config)
        data = garments.identity.to_json()
        (folder.path / "provenance.json").write_text(json.dumps({"data": data}))
        _, choose = split_indices(garments.train.labels, config.training)
        labels = garments.train.labels[choose]
        if len(choose):
            said = Predictions(answers(labels, mixed_up), labels)
            store_validation_predictions(
                folder, ValidationPredictions(said, choose, garments.identity.fingerprint)
            )
        test = garments.test.labels
        figures = Evaluation.from_probabilities(
            answers(test, mixed_up), test, data=data, weights="last", epoch=1
        )
        store(folder, figures, answers(test, mixed_up), test)
        folder.change_status(state="finished", epoch=8, epochs=8, seconds=80.0)
        return folder

    return made

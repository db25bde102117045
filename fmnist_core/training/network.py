"""A network ready to answer: the shipped one, or that of a run."""

from __future__ import annotations

import keras

from fmnist_core.errors import RunError
from fmnist_core.recognition.verdict import Calibration
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings
from fmnist_core.shipped import SHIPPED, shipped_calibration, shipped_model_path
from fmnist_core.training.finish import load_model


def load_network(model: str, settings: Settings) -> tuple[keras.Model, Calibration]:
    """The network called `model` and its calibration, loaded into this process.

    Args:
        model: `"shipped"` or the identifier of a run.

    Raises:
        RunError: There is no such run, it saved no network, or the shipped one is missing.
        TrainingError: The network's file is damaged.
    """
    if model == SHIPPED:
        return load_model(shipped_model_path()), shipped_calibration()
    folder = RunFolder.open(settings.runs_dir, model)
    if not folder.model_path.is_file():
        raise RunError("The run has saved no network yet.", received=model)
    return load_model(folder.model_path), folder.calibration

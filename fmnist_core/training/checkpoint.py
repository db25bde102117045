"""Checkpoints that survive `kill -9`: weights and state first, then the file that names them."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from fmnist_core.atomic_files import read_json, replace_file, write_json
from fmnist_core.config import TrainConfig
from fmnist_core.errors import TrainingError
from fmnist_core.lab_keras import keras
from fmnist_core.runs.folder import RunFolder


@dataclass(frozen=True)
class Progress:
    """State after some completed epochs.

    Attributes:
        epoch: Epochs completed.
        seconds: Time spent training, without pauses, over all attempts.
        best_accuracy, best_epoch: Best validation accuracy and its epoch (from 1).
        waited: Epochs since then.
        lowest_loss, stalled, plateau_factor: For the plateau schedule.
    """

    epoch: int = 0
    seconds: float = 0.0
    best_accuracy: float | None = None
    best_epoch: int = 0
    waited: int = 0
    lowest_loss: float | None = None
    stalled: int = 0
    plateau_factor: float = 1.0

    def after_epoch(self, training: TrainConfig, figures: dict[str, float]) -> Progress:
        """The state after one more epoch with these figures (`val_accuracy`, `val_loss`)."""
        state = replace(self, epoch=self.epoch + 1)._evaluated(figures.get("val_accuracy"))
        if training.schedule.kind == "plateau":
            state = state._slowed(training, figures["val_loss"])
        return state

    def _evaluated(self, accuracy: float | None) -> Progress:
        if accuracy is None:
            return self
        if self.best_accuracy is None or accuracy > self.best_accuracy:
            return replace(self, best_accuracy=accuracy, best_epoch=self.epoch, waited=0)
        return replace(self, waited=self.waited + 1)

    def _slowed(self, training: TrainConfig, loss: float) -> Progress:
        if self.lowest_loss is None or loss < self.lowest_loss:
            return replace(self, lowest_loss=loss, stalled=0)
        if self.stalled + 1 < training.schedule.patience:
            return replace(self, stalled=self.stalled + 1)
        factor = self.plateau_factor * training.schedule.drop_factor
        return replace(self, stalled=0, plateau_factor=factor)

    def patience_exhausted(self, training: TrainConfig) -> bool:
        return 0 < training.early_stopping <= self.waited

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


_FILE = re.compile(r"epoch-\d{4}(-partial)?\.weights\.h5")


def save_checkpoint(
    folder: RunFolder, model: keras.Model, progress: Progress, *, partial: bool = False
) -> None:
    """Saves weights, the optimizer's memory and the progress; keeps the best epoch's file too.

    Raises:
        StorageError: The disk is full or cannot be written; the last checkpoint stays.
    """
    ending = "-partial" if partial else ""
    name = f"epoch-{progress.epoch:04d}{ending}.weights.h5"
    place = folder.path / "checkpoints"
    replace_file(place / name, lambda path: model.save_weights(path, overwrite=True))
    best = name if progress.best_epoch == progress.epoch and not partial else _named(folder)[1]
    write_json(
        folder.path / "checkpoint.json",
        {"file": name, "best_file": best, "progress": progress.to_json()},
    )
    for path in place.iterdir():
        if path.name not in (name, best):
            path.unlink(missing_ok=True)


def load_progress(folder: RunFolder) -> Progress | None:
    """The saved progress of the run, or `None`."""
    value = read_json(folder.path / "checkpoint.json")
    return Progress(**value["progress"]) if isinstance(value, dict) else None


def load_weights(folder: RunFolder, model: keras.Model, *, best: bool = False) -> None:
    """Loads the weights of the last (or the best) checkpoint into the compiled model.

    Raises:
        TrainingError: The file is missing, damaged or of another network.
    """
    last_name, best_name = _named(folder)
    path = folder.path / "checkpoints" / ((best and best_name) or last_name)
    try:
        model.load_weights(path)
    except Exception as error:
        raise TrainingError(
            f"The checkpoint {path.name} cannot be read.",
            received=f"{type(error).__name__}",
            advice="Train again from this configuration.",
        ) from error


def weights_are_finite(model: keras.Model) -> bool:
    return all(bool(np.isfinite(weights).all()) for weights in model.get_weights())


def has_best(folder: RunFolder) -> bool:
    return bool(_named(folder)[1])


def has_partial(folder: RunFolder) -> bool:
    """Whether the last weights were saved in the middle of an epoch."""
    return "-partial" in _named(folder)[0]


def _named(folder: RunFolder) -> tuple[str, str]:
    value: Any = read_json(folder.path / "checkpoint.json")
    if not isinstance(value, dict):
        return "", ""
    names = [str(value.get(key) or "") for key in ("file", "best_file")]
    last, best = (name if _FILE.fullmatch(name) else "" for name in names)
    return last, best

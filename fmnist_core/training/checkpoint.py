"""Checkpoints that survive `kill -9`: weights first, then the small file that names them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from fmnist_core.atomic_files import read_json, replace_file, write_json
from fmnist_core.errors import TrainingError
from fmnist_core.lab_keras import keras
from fmnist_core.runs.folder import RunFolder
from fmnist_core.training.training_state import Progress

_FILE = re.compile(r"epoch-\d{4}(-partial)?\.weights\.h5")


def save_checkpoint(
    folder: RunFolder, model: keras.Model, progress: Progress, *, partial: bool = False
) -> None:
    """Saves weights, the optimizer's memory and the progress; keeps the best epoch's file too.

    Raises:
        StorageError: The disk is full or cannot be written; the last checkpoint stands.
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
    """Where the run stands, or `None` where nothing was saved."""
    value = read_json(folder.path / "checkpoint.json")
    return Progress(**value["progress"]) if isinstance(value, dict) else None


def load_weights(folder: RunFolder, model: keras.Model, *, best: bool = False) -> None:
    """Puts the last (or the best) checkpoint's weights into the compiled model.

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


def best_is_kept(folder: RunFolder) -> bool:
    return bool(_named(folder)[1])


def partial_is_kept(folder: RunFolder) -> bool:
    """Whether the last weights were saved in the middle of an epoch."""
    return "-partial" in _named(folder)[0]


def _named(folder: RunFolder) -> tuple[str, str]:
    value: Any = read_json(folder.path / "checkpoint.json")
    if not isinstance(value, dict):
        return "", ""
    names = [str(value.get(key) or "") for key in ("file", "best_file")]
    last, best = (name if _FILE.fullmatch(name) else "" for name in names)
    return last, best

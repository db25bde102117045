"""A run's evaluation and predictions, on disk and back."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from fmnist_core.atomic_files import read_json, replace_file, write_json
from fmnist_core.errors import DataError
from fmnist_core.evaluation.predictions import Predictions
from fmnist_core.evaluation.report import Evaluation
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import SHIPPED_NETWORKS

# What NumPy and its zip reader raise on cut or altered files (RuntimeError: a flipped bit
# makes a member look encrypted; NotImplementedError: look compressed in another way).
DAMAGE = (
    DataError,
    EOFError,
    KeyError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def store(
    folder: RunFolder, evaluation: Evaluation, probabilities: ArrayLike, labels: ArrayLike
) -> None:
    """Writes `predictions.npz`, then `evaluation.json`, each whole or not at all.

    Raises:
        DataError: Probabilities and labels that do not fit each other.
        StorageError: The disk is full or cannot be written.
    """
    said = Predictions(np.asarray(probabilities), np.asarray(labels))

    def write(path: Path) -> None:
        with path.open("wb") as file:
            np.savez_compressed(file, probabilities=said.probabilities, labels=said.labels)

    # The figures come last: where they are, the predictions behind them are there too.
    replace_file(folder.predictions_path, write)
    write_json(folder.evaluation_path, evaluation.to_json())


def load_evaluation(folder: RunFolder) -> Evaluation | None:
    """The run's evaluation, or `None` where there is none yet.

    Raises:
        DataError: The file is damaged or of another version.
    """
    if not folder.evaluation_path.is_file():
        return None
    try:
        return Evaluation.from_json(read_json(folder.evaluation_path))
    except DataError as error:
        raise _damaged(folder, folder.evaluation_path) from error


def load_predictions(folder: RunFolder) -> Predictions | None:
    """The run's stored probabilities, or `None` where there are none yet.

    Raises:
        DataError: The file is damaged.
    """
    path = folder.predictions_path
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return Predictions(arrays["probabilities"], arrays["labels"])
    except DAMAGE as error:
        raise _damaged(folder, path) from error


def whole_again(folder: RunFolder) -> str:
    """The advice for an incomplete evaluation: of a run, or of a shipped network."""
    if folder.id in SHIPPED_NETWORKS:
        return "Install the lab again."
    return "Evaluate the run again."


def _damaged(folder: RunFolder, path: Path) -> DataError:
    return DataError(f"The run's {path.name} is damaged.", advice=whole_again(folder))

"""Stores and loads a run's evaluation and predictions.

RUN/evaluation.json, predictions.npz   of the test images, for the final report only
RUN/validation.npz                     of the validation images, which model selection uses
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fmnist_core.array_files import DamagedArraysError, arrays_in, write_arrays
from fmnist_core.atomic_files import read_json, write_json
from fmnist_core.errors import DataError
from fmnist_core.evaluation.predictions import Predictions
from fmnist_core.evaluation.report import Evaluation
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import SHIPPED_NETWORKS

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class ValidationPredictions:
    """Predictions of a run for its validation images.

    Attributes:
        predictions: Uncalibrated, with the true classes.
        indices: int64 (n,), rising, among all training images.
        fingerprint: Of the data set.

    Raises:
        DataError: Not one index for each image, or not rising.
    """

    predictions: Predictions
    indices: NDArray[np.int64]
    fingerprint: str

    def __post_init__(self) -> None:
        indices = np.asarray(self.indices)
        rising = indices.shape == self.predictions.labels.shape and bool(
            np.all(np.diff(indices) > 0)
        )
        if not rising or (len(indices) and indices[0] < 0):
            raise DataError("Validation images have rising indices, one each.")
        object.__setattr__(self, "indices", indices.astype(np.int64))

    def __len__(self) -> int:
        return len(self.indices)

    def among(self, indices: NDArray[np.integer]) -> Predictions:
        """The predictions for those images that are among `indices`, in rising order.

        Raises:
            DataError: None of them is.
        """
        mine = np.isin(self.indices, indices)
        return Predictions(self.predictions.probabilities[mine], self.predictions.labels[mine])


def store(
    folder: RunFolder, evaluation: Evaluation, probabilities: ArrayLike, labels: ArrayLike
) -> None:
    """Writes `predictions.npz`, then `evaluation.json`, each whole or not at all.

    Raises:
        DataError: Probabilities and labels that do not fit each other.
        StorageError: The disk is full or cannot be written.
    """
    said = Predictions(np.asarray(probabilities), np.asarray(labels))
    # The figures come last: their presence implies the predictions.
    write_arrays(folder.predictions_path, probabilities=said.probabilities, labels=said.labels)
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
    return _read_arrays(
        folder,
        folder.predictions_path,
        lambda arrays: Predictions(arrays["probabilities"], arrays["labels"]),
    )


def store_validation_predictions(folder: RunFolder, validation: ValidationPredictions) -> None:
    """Writes `validation.npz`, whole or not at all.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    write_arrays(
        folder.validation_path,
        probabilities=validation.predictions.probabilities,
        labels=validation.predictions.labels,
        indices=validation.indices.astype(np.int32),
        fingerprint=np.array(validation.fingerprint),
    )


def load_validation_predictions(folder: RunFolder) -> ValidationPredictions | None:
    """The stored predictions; None in a run without validation images, or of an older version.

    Raises:
        DataError: The file is damaged.
    """
    return _read_arrays(
        folder,
        folder.validation_path,
        lambda arrays: ValidationPredictions(
            Predictions(arrays["probabilities"], arrays["labels"]),
            arrays["indices"],
            str(arrays["fingerprint"]),
        ),
    )


def _read_arrays(folder: RunFolder, path: Path, make: Callable[[Any], T]) -> T | None:
    """What `make` returns for the arrays in the file; None without a file."""
    if not path.is_file():
        return None
    try:
        with arrays_in(path) as arrays:
            return make(arrays)
    except DamagedArraysError as error:
        raise _damaged(folder, path) from error


def whole_again(folder: RunFolder) -> str:
    """The advice for an incomplete evaluation: of a run, or of a shipped network."""
    if folder.id in SHIPPED_NETWORKS:
        return "Install the lab again."
    return "Evaluate the run again."


def _damaged(folder: RunFolder, path: Path) -> DataError:
    return DataError(f"The run's {path.name} is damaged.", advice=whole_again(folder))

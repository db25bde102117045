"""A run's predictions for its validation images, which model selection uses.

    RUN/validation.npz     probabilities, labels, indices among the training images, fingerprint

Test images are for the final report only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fmnist_core.atomic_files import replace_file
from fmnist_core.errors import DataError
from fmnist_core.evaluation.predictions import Predictions
from fmnist_core.evaluation.store import DAMAGE
from fmnist_core.runs.folder import RunFolder

_AGAIN = "Evaluate the run again."


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


def store_validation_predictions(folder: RunFolder, validation: ValidationPredictions) -> None:
    """Writes `validation.npz`, whole or not at all.

    Raises:
        StorageError: The disk is full or cannot be written.
    """

    def write(path: Path) -> None:
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                probabilities=validation.predictions.probabilities,
                labels=validation.predictions.labels,
                indices=validation.indices.astype(np.int32),
                fingerprint=np.array(validation.fingerprint),
            )

    replace_file(folder.validation_path, write)


def load_validation_predictions(folder: RunFolder) -> ValidationPredictions | None:
    """The stored predictions; None in a run without validation images, or of an older version.

    Raises:
        DataError: The file is damaged.
    """
    path = folder.validation_path
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            predictions = Predictions(arrays["probabilities"], arrays["labels"])
            return ValidationPredictions(predictions, arrays["indices"], str(arrays["fingerprint"]))
    except DAMAGE as error:
        raise DataError(f"The run's {path.name} is damaged.", advice=_AGAIN) from error

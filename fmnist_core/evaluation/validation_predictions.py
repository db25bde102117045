"""What a run says about the images it held back: those by which networks are chosen.

    RUN/validation.npz     probabilities, labels, indices among the training images, fingerprint

Test images report; which of several networks to take is decided here.
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
class HeldBack:
    """Answers for images that a run never learned from.

    Attributes:
        said: Probabilities, not calibrated, and true classes.
        indices: int64 (n,), rising: where the images are among all training images.
        fingerprint: Of the data set.

    Raises:
        DataError: Not one index for each image, or not rising.
    """

    said: Predictions
    indices: NDArray[np.int64]
    fingerprint: str

    def __post_init__(self) -> None:
        indices = np.asarray(self.indices)
        rising = indices.shape == self.said.labels.shape and bool(np.all(np.diff(indices) > 0))
        if not rising or (len(indices) and indices[0] < 0):
            raise DataError("Images held back have rising indices, one each.")
        object.__setattr__(self, "indices", indices.astype(np.int64))

    def __len__(self) -> int:
        return len(self.indices)

    def among(self, indices: NDArray[np.integer]) -> Predictions:
        """The answers for those of these images that are at `indices`, in rising order.

        Raises:
            DataError: None of them is.
        """
        mine = np.isin(self.indices, indices)
        return Predictions(self.said.probabilities[mine], self.said.labels[mine])


def store_held_back(folder: RunFolder, held: HeldBack) -> None:
    """Writes `validation.npz`, whole or not at all.

    Raises:
        StorageError: The disk is full or cannot be written.
    """

    def write(path: Path) -> None:
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                probabilities=held.said.probabilities,
                labels=held.said.labels,
                indices=held.indices.astype(np.int32),
                fingerprint=np.array(held.fingerprint),
            )

    replace_file(folder.validation_path, write)


def load_held_back(folder: RunFolder) -> HeldBack | None:
    """What is stored; None where the run held nothing back or is older than this file.

    Raises:
        DataError: The file is damaged.
    """
    path = folder.validation_path
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            said = Predictions(arrays["probabilities"], arrays["labels"])
            return HeldBack(said, arrays["indices"], str(arrays["fingerprint"]))
    except DAMAGE as error:
        raise DataError(f"The run's {path.name} is damaged.", advice=_AGAIN) from error

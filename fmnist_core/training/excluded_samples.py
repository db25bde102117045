"""The training images that a run leaves out: those that people ticked as suspects.

Which they are is written into the run's folder when it begins: a run that goes on leaves out the
same ones, whatever was ticked meanwhile, and on whatever machine.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.atomic_files import read_json, write_json
from fmnist_core.config import TrainConfig
from fmnist_core.datasets.dataset import FASHION_MNIST, DataIdentity
from fmnist_core.datasets.label_issues import LabelIssueStore
from fmnist_core.datasets.load import available, load_dataset
from fmnist_core.errors import DataError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings

# In the run's folder: the data's fingerprint and the indices.
KEPT = "dropped.json"
_TICK = "Exclude some of the label issues that were found, or train with all images."


@dataclass(frozen=True)
class ExcludedSamples:
    """Indices among the training images of one data set, rising."""

    fingerprint: str
    indices: tuple[int, ...]

    @property
    def digest(self) -> str:
        """The same for the same images, 16 hexadecimal digits."""
        return hashlib.sha256(repr((self.fingerprint, self.indices)).encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        return {"fingerprint": self.fingerprint, "indices": list(self.indices)}


def check_excluded(training: TrainConfig, settings: Settings, owner: str | None = None) -> None:
    """Whether there is something to leave out, where the configuration wants that.

    Args:
        owner: Whose ticks count; by default of who acts.

    Raises:
        DataError: No image of the data set is marked, or the list is damaged.
    """
    if training.exclude_label_issues:
        _ticked(_identity(training.dataset, settings), settings, owner)


def store_excluded(
    folder: RunFolder,
    training: TrainConfig,
    settings: Settings,
    identity: DataIdentity | None = None,
) -> ExcludedSamples | None:
    """Writes what is ticked now into the folder of a run that begins; then what is kept there.

    Args:
        identity: Of the images that the run learns from; by default those of this machine.

    Returns:
        None where the configuration leaves nothing out.

    Raises:
        DataError: No image is marked, or what is kept is damaged or of other images.
        StorageError: The disk is full or cannot be written.
    """
    if not training.exclude_label_issues:
        return None
    path = folder.path / KEPT
    if path.is_file():
        return _checked(read_json(path), identity)
    found = _ticked(identity or _identity(training.dataset, settings), settings, folder.owner)
    write_json(path, found.to_json())
    return found


def without(learn: NDArray[np.intp], dropped: ExcludedSamples | None) -> NDArray[np.intp]:
    """The indices `learn`, rising, without those that are left out."""
    if dropped is None:
        return learn
    return np.setdiff1d(learn, np.array(dropped.indices, np.intp), assume_unique=True)


def _identity(name: str, settings: Settings) -> DataIdentity:
    status = available(settings)
    ready = status.official_ready if name == FASHION_MNIST else status.synthetic_ready
    if not ready:
        raise _nothing(f"{name}, which is not on this machine")
    return load_dataset(name, settings).identity


def _ticked(identity: DataIdentity, settings: Settings, owner: str | None) -> ExcludedSamples:
    indices = LabelIssueStore(settings, owner).ticked(identity.fingerprint)
    if not indices:
        raise _nothing(identity.name)
    return ExcludedSamples(identity.fingerprint, indices)


def _nothing(received: str) -> DataError:
    return DataError("No label issue is marked for exclusion.", received=received, advice=_TICK)


def _checked(value: Any, identity: DataIdentity | None) -> ExcludedSamples:
    try:
        found = ExcludedSamples(
            str(value["fingerprint"]), tuple(int(each) for each in value["indices"])
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"The run's {KEPT} is damaged.", advice="Train again from its configuration."
        ) from error
    if identity is not None and identity.fingerprint != found.fingerprint:
        raise DataError(
            "The images to leave out were ticked in another data set.",
            received=f"{identity.name} with another fingerprint",
            advice="Train again from the run's configuration.",
        )
    return found

"""Images with labels, and where they come from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COUNT, IMAGE_SIDE
from fmnist_core.errors import DataError

FASHION_MNIST = "fashion-mnist"
SYNTHETIC_GARMENTS = "synthetic-garments"
DATASET_NAMES = (FASHION_MNIST, SYNTHETIC_GARMENTS)


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Pictures and what they show.

    Attributes:
        images: uint8 (n, 28, 28), 0 is the black background.
        labels: uint8 (n,), class numbers from 0 to 9.

    Raises:
        DataError: Another dtype or shape, lengths that differ, or a label above 9.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        _check("images", self.images, (len(self.labels), IMAGE_SIDE, IMAGE_SIDE))
        _check("labels", self.labels, (len(self.labels),))
        if len(self.labels) and int(self.labels.max()) >= CLASS_COUNT:
            raise DataError(
                f"Labels are class numbers from 0 to {CLASS_COUNT - 1}.",
                received=int(self.labels.max()),
            )

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices: NDArray[np.integer]) -> ImageSet:
        """The images at `indices` (integers), in their order, as copies."""
        return ImageSet(self.images[indices], self.labels[indices])


@dataclass(frozen=True)
class DataIdentity:
    """The identity of a data set, stored with every run.

    Attributes:
        name: `"fashion-mnist"` or `"synthetic-garments"`.
        official: Whether these are the published Fashion-MNIST images.
        fingerprint: SHA-256 of all arrays' bytes, 64 hexadecimal digits. Equal for equal data,
            wherever it was found.
        source: For people: where it was found, such as `"folder /data/fashion"`.
    """

    name: str
    official: bool
    fingerprint: str
    source: str

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary of the four fields."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> DataIdentity:
        """The inverse of `to_json`.

        Raises:
            DataError: Fields are missing, unknown or of another type.
        """
        types = {"name": str, "official": bool, "fingerprint": str, "source": str}
        names = {item.name for item in fields(cls)}
        if not isinstance(value, Mapping) or set(value) != names:
            raise DataError(f"A data identity has the fields {sorted(names)}.", received=value)
        if any(not isinstance(value[name], kind) for name, kind in types.items()):
            raise DataError("A field of the data identity has the wrong type.", received=value)
        return cls(**value)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training and test images, and their identity."""

    train: ImageSet
    test: ImageSet
    identity: DataIdentity


def fingerprint_of(train: ImageSet, test: ImageSet) -> str:
    """SHA-256 over the bytes of train images, train labels, test images and test labels."""
    digest = hashlib.sha256()
    for array in (train.images, train.labels, test.images, test.labels):
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _check(name: str, array: Any, shape: tuple[int, ...]) -> None:
    received = f"{getattr(array, 'dtype', type(array))} {getattr(array, 'shape', '')}"
    if received != f"uint8 {shape}":
        raise DataError(f"{name} must be a uint8 array of shape {shape}.", received=received)

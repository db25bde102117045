"""PCA of a network's features of the test images.

Principal component analysis: Pearson 1901; Jolliffe, "Principal Component Analysis", chapter 1.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.datasets.dataset import ImageSet
from fmnist_core.datasets.split import subset
from fmnist_core.errors import TrainingError

if TYPE_CHECKING:
    from fmnist_core.lab_keras import keras

Array = NDArray[np.float32]

MOST_IMAGES = 10_000
# More axes than these carry next to nothing of what the networks of this lab make.
MOST_AXES = 50
# 64 MB while the axes are sought: of networks with very many features, fewer images.
_MOST_NUMBERS = 2**24
# Small, with rests between, so that predictions stay fast meanwhile.
_BATCH = 50


@dataclass(frozen=True, eq=False)
class PcaMap:
    """Principal components of a network's features of test images.

    Attributes:
        indices: int64 (m,), which test images, rising.
        coordinates: float32 (m, k), their places along the principal axes, 2 <= k <= `MOST_AXES`,
            in the network's own units; 0 where there are fewer axes than two.
        scores: float32 (m, outputs), the network's raw scores.
        mean: float32 (d,), the mean of the features.
        axes: float32 (k, d), of length 1 and at right angles, the one with most variance first.
        shares: float32 (k,), the part of all variance along each axis, 0 to 1.
    """

    indices: NDArray[np.int64]
    coordinates: Array
    scores: Array
    mean: Array
    axes: Array
    shares: Array

    def place(self, features: Array) -> Array:
        """Coordinates (n, k) of other images by their features (n, d): exactly as those of m."""
        return _along(features, self.mean, self.axes)

    def nearest(self, place: Array, count: int = 5) -> tuple[NDArray[np.int64], Array]:
        """The images nearest to coordinates (k,), nearest first.

        Returns:
            Rows of this map, int64 (count,), and Euclidean distances float32 (count,).
        """
        distances = np.linalg.norm(self.coordinates - place, axis=1)
        rows = np.argsort(distances, kind="stable")[:count]
        return rows.astype(np.int64), distances[rows].astype(np.float32)

    def to_record(self) -> NDArray[Any]:
        """All arrays as one NumPy record, for a single file."""
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        kind = np.dtype([(name, part.dtype, part.shape) for name, part in parts.items()])
        record = np.zeros((), kind)
        for name, part in parts.items():
            record[name] = part
        return record

    @classmethod
    def from_record(cls, record: NDArray[Any]) -> PcaMap | None:
        """The inverse of `to_record`; None for any other array."""
        names = tuple(field.name for field in fields(cls))
        if record.dtype.names != names or record.shape != ():
            return None
        return cls(*(record[name] for name in names))


def build_pca_map(model: keras.Model, test: ImageSet, *, rest: float = 0.0) -> PcaMap:
    """The PCA of the features of up to `MOST_IMAGES` test images, stratified by class.

    Args:
        rest: Seconds to pause for each second of work, which others then have to themselves.

    Raises:
        TrainingError: The network answers with numbers that are not finite.
    """
    from fmnist_core.models.features import before_answer, features, scores_from

    width = before_answer(model).output_shape[-1]
    count = min(MOST_IMAGES, max(10, _MOST_NUMBERS // width), len(test))
    indices = subset(test.labels, count, seed=0).astype(np.int64)
    parts = []
    for start in range(0, count, _BATCH):
        began = time.monotonic()
        parts.append(features(model, test.images[indices[start : start + _BATCH]]))
        time.sleep(rest * (time.monotonic() - began))
    found = np.concatenate(parts)
    return PcaMap(indices, *_principal(found, scores_from(model, found)))


def _principal(features: Array, scores: Array) -> tuple[Array, Array, Array, Array, Array]:
    if not np.isfinite(features).all():
        raise TrainingError(
            "The network's numbers are not finite, so they cannot be laid out.",
            advice="Its training diverged: train it again at a lower learning rate.",
        )
    from sklearn.decomposition import PCA

    count = min(MOST_AXES, *features.shape)
    found = PCA(count, random_state=0).fit(features)
    # A network that makes the same of all images has no variance to share out.
    shares = np.nan_to_num(found.explained_variance_ratio_)
    missing = max(0, 2 - count)
    axes = np.pad(found.components_, ((0, missing), (0, 0))).astype(np.float32)
    mean = found.mean_.astype(np.float32)
    coordinates = _along(features, mean, axes)
    return coordinates, scores, mean, axes, np.pad(shares, (0, missing)).astype(np.float32)


def _along(features: Array, mean: Array, axes: Array) -> Array:
    return ((features - mean) @ axes.T).astype(np.float32)

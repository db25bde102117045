"""The images with the top activations of each map and unit of a network, cached on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fmnist_core.explain.neighbours import load_array, store_array

# As many as fit a square of three by three.
KEPT = 9
_FORM = np.dtype([("image", "<i4"), ("value", "<f4")])


@dataclass(frozen=True, eq=False)
class Ranking:
    """For each of k maps and units the best of n images, best first.

    Attributes:
        indices: int32 (k, m), m is 9, or n where there are fewer images.
        values: float32 (k, m), the activations.
    """

    indices: NDArray[np.int32]
    values: NDArray[np.float32]

    @classmethod
    def of(cls, values: NDArray[np.float32], start: int = 0) -> Ranking:
        """Ranks images by values (n, k); the first one's number is `start`."""
        numbers = np.arange(start, start + len(values), dtype=np.int32)
        return cls(np.tile(numbers, (values.shape[1], 1)), values.T)._best()

    def merged(self, other: Ranking) -> Ranking:
        """The best of both; of equal ones those of this ranking come first."""
        indices = np.concatenate([self.indices, other.indices], axis=1)
        return Ranking(indices, np.concatenate([self.values, other.values], axis=1))._best()

    def _best(self) -> Ranking:
        order = np.argsort(-self.values, axis=1, kind="stable")[:, :KEPT]
        indices = np.take_along_axis(self.indices, order, axis=1)
        return Ranking(indices, np.take_along_axis(self.values, order, axis=1))


def load_ranking(path: Path, images: int) -> Ranking | None:
    """The ranking stored at `path`, or None if there is none for so many images."""
    array = load_array(path)
    if array is None or array.dtype != _FORM or array.ndim != 2:
        return None
    fits = array.shape[1] == min(KEPT, images) and len(array)
    if not fits or array["image"].min() < 0 or array["image"].max() >= images:
        return None
    return Ranking(array["image"].astype(np.int32), array["value"].astype(np.float32))


def save_ranking(path: Path, ranking: Ranking) -> None:
    """Stores it, and deletes the least recently used ones."""
    array = np.empty(ranking.indices.shape, _FORM)
    array["image"], array["value"] = ranking.indices, ranking.values
    store_array(path, array)

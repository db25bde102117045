"""Nearest training images in the network's feature space, from feature banks kept on disk."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.array_files import DamagedArraysError, arrays_in
from fmnist_core.atomic_files import replace_file
from fmnist_core.datasets.dataset import ImageSet
from fmnist_core.datasets.split import subset
from fmnist_core.errors import StorageError

if TYPE_CHECKING:
    from fmnist_core.lab_keras import keras

# Of the networks that were asked about last; a bank takes up to 16 MB.
_KEPT = 8

_log = logging.getLogger(__name__)


# Enough to find a like one of anything; all 60 000 would take three times as long.
MOST_IMAGES = 20_000
# 32 MB in memory, 16 on disk: of networks with very many features, fewer images.
_MOST_NUMBERS = 2**23
# Small, with rests between, so that predictions stay fast meanwhile.
_BATCH = 32


@dataclass(frozen=True, eq=False)
class FeatureBank:
    """Features of the training images, for nearest-neighbor search.

    Attributes:
        indices: int64 (m,), where these images are among the training images, rising.
        directions: float16 (m, d), their features, each row of length 1.
    """

    indices: NDArray[np.int64]
    directions: NDArray[np.float16]

    @cached_property
    def _wide(self) -> NDArray[np.float32]:
        # Half precision saves disk, but is ten times slower to multiply.
        return self.directions.astype(np.float32)

    def nearest(
        self, features: NDArray[np.float32], count: int = 5
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The `count` nearest to `features` (d,), nearest first; fewer where the bank is smaller.

        Returns:
            Their indices among the training images, int64 (count,), and their distances, float32
            (count,): 1 minus the cosine, from 0 (same direction) to 2.
        """
        # Rounded as those in the bank are: an image of the bank then finds itself first.
        sought = directions_of(features[None])[0].astype(np.float32)
        closeness = self._wide @ sought
        best = np.argpartition(-closeness, min(count, len(closeness)) - 1)[:count]
        best = best[np.argsort(-closeness[best], kind="stable")]
        return self.indices[best], np.clip(1 - closeness[best], 0, 2)


def bank_indices(labels: NDArray[np.uint8], width: int) -> NDArray[np.int64]:
    """Which training images a bank of features (d = `width`) holds: evenly drawn, always alike."""
    count = min(MOST_IMAGES, max(10, _MOST_NUMBERS // width), len(labels))
    return subset(labels, count, seed=0).astype(np.int64)


def build_bank(model: keras.Model, examples: ImageSet, *, rest: float = 0.0) -> FeatureBank:
    """Computes the features of up to `MOST_IMAGES` training images.

    Args:
        model: The network.
        examples: The training images.
        rest: Seconds to pause for each second of work, which others then have to themselves.
    """
    from fmnist_core.models.features import before_answer, features

    indices = bank_indices(examples.labels, before_answer(model).output_shape[-1])
    parts = []
    for start in range(0, len(indices), _BATCH):
        began = time.monotonic()
        some = examples.images[indices[start : start + _BATCH]]
        parts.append(directions_of(features(model, some)))
        time.sleep(rest * (time.monotonic() - began))
    return FeatureBank(indices, np.concatenate(parts))


def directions_of(features: NDArray[np.float32]) -> NDArray[np.float16]:
    """Rows (n, d) brought to length 1; a row of zeros stays."""
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return (features / np.maximum(lengths, 1e-12)).astype(np.float16)


def bank_path(folder: Path, digest: str, fingerprint: str) -> Path:
    """The cache file for a network (its file's SHA-256) and images (their fingerprint)."""
    return folder / f"{digest[:20]}-{fingerprint[:20]}.npy"


def load_bank(path: Path, examples: ImageSet) -> FeatureBank | None:
    """The bank, or None where there is none that fits `examples`."""
    directions = load_array(path)
    if directions is None:
        return None
    if directions.dtype != np.float16 or directions.ndim != 2 or not directions.shape[1]:
        return None
    indices = bank_indices(examples.labels, directions.shape[1])
    if len(indices) != len(directions):
        return None
    return FeatureBank(indices, directions)


def save_bank(path: Path, bank: FeatureBank) -> None:
    """Keeps the bank, and drops the least recently used ones."""
    store_array(path, bank.directions)


def load_array(path: Path) -> NDArray[Any] | None:
    """The array kept at `path`, marked as just used; None where it is missing or damaged."""
    try:
        with arrays_in(path) as content:
            array: NDArray[Any] = np.asarray(content)
    except FileNotFoundError:
        return None
    except DamagedArraysError as error:
        _log.warning("What is kept in %s is damaged and is made anew: %s", path, error)
        return None
    _touch(path)
    return array


def store_array(path: Path, array: NDArray[Any]) -> None:
    """Keeps an array, and drops the least recently used ones of its folder.

    A full or read-only disk costs only time at the next start, so it is logged and not raised.
    """

    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.save(file, array)

    try:
        replace_file(path, write)
        by_age = sorted(path.parent.glob("[!.]*.npy"), key=lambda each: each.stat().st_mtime)
        for old in by_age[:-_KEPT]:
            old.unlink(missing_ok=True)
    except (StorageError, OSError) as error:
        _log.warning("%s is not kept on disk. %s", path.name, error)


def _touch(path: Path) -> None:
    try:
        path.touch()
    except OSError:
        _log.info("%s cannot be marked as used.", path)

"""The training images a network finds most like an image: nearest in the space of its features."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data.dataset import ImageSet
from fmnist_core.data.split import subset

if TYPE_CHECKING:
    from fmnist_core.lab_keras import keras

# Enough to find a like one of anything; all 60 000 would take three times as long.
MOST_IMAGES = 20_000
# 32 MB in memory, 16 on disk: of networks with very many features, fewer images.
_MOST_NUMBERS = 2**23
# Small, and with rests between, so that questions to the network are answered meanwhile.
_BATCH = 32


@dataclass(frozen=True, eq=False)
class FeatureBank:
    """What a network made of images it may name as neighbours.

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
    """Looks at up to `MOST_IMAGES` training images.

    Args:
        model: The network.
        examples: The training images.
        rest: Seconds to pause for each second of work, which others then have to themselves.
    """
    from fmnist_core.explain.features import before_answer, features

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

"""The map that keeps neighbours together: t-SNE of what a network makes of images.

van der Maaten and Hinton 2008 (JMLR 9); the gradient is interpolated on a grid (Linderman et al.
2019, Nature Methods 16, "FIt-SNE"), begun with the first two principal axes (Kobak and Berens 2019,
Nature Communications 10).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import DataError

PERPLEXITY = 30
# First with neighbours pulled together more than they should, then as they should.
_EARLY, _LATE = 250, 500
STEPS = _EARLY + _LATE
_EXAGGERATION = 12.0
# A grid twice as coarse as usual takes a quarter of the time; as many neighbours stay together.
_GRID = 2
# Below so many images the grid costs more than going through all (Barnes-Hut).
_GRID_FROM = 2000
_STEPS_BETWEEN_WORDS = 10

Array = NDArray[np.float32]


def unfold(coordinates: Array, tell: Callable[[int], None], *, threads: int = 1) -> Array:
    """Places float32 (m, 2) in which those who are near in `coordinates` (m, k) are near again.

    Args:
        coordinates: Along principal axes, most variance first, k >= 2.
        tell: Called every few steps with how many of `STEPS` are done.

    Raises:
        DataError: Fewer than ten images, or all in the same place.
    """
    _check(coordinates)
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.initialization import rescale

    perplexity = min(PERPLEXITY, (len(coordinates) - 1) / 3)
    affinities = PerplexityBasedNN(
        coordinates, perplexity=perplexity, n_jobs=threads, random_state=0
    )
    done = 0

    def hear(step: int, divergence: float, embedding: object) -> None:
        tell(done + step)

    embedding = TSNEEmbedding(
        rescale(coordinates[:, :2].astype(np.float64)),
        affinities,
        random_state=0,
        n_jobs=threads,
        negative_gradient_method="fft" if len(coordinates) >= _GRID_FROM else "bh",
        ints_in_interval=_GRID,
        callbacks=hear,
        callbacks_every_iters=_STEPS_BETWEEN_WORDS,
    )
    tell(0)
    embedding = embedding.optimize(_EARLY, exaggeration=_EXAGGERATION, momentum=0.5)
    done = _EARLY
    return np.asarray(embedding.optimize(_LATE, momentum=0.8), np.float32)


def place_among(places: Array, rows: NDArray[np.int64], distances: Array) -> Array:
    """Where in an unfolded map another image lies: (2,), between those it is nearest to.

    Each of them draws it with the inverse square of its distance, so that an image of the map is
    put exactly where it is.

    Args:
        places: (m, 2), the map.
        rows: (n,), the nearest images of the map.
        distances: (n,), how far they are in the network's features.
    """
    nearness = 1 / np.maximum(distances.astype(np.float64), 1e-6) ** 2
    drawn: NDArray[np.float64] = (nearness @ places[rows]) / nearness.sum()
    return drawn.astype(np.float32)


def _check(coordinates: Array) -> None:
    if len(coordinates) < 10:
        raise DataError("A map needs at least ten images.", received=len(coordinates))
    if not np.ptp(coordinates[:, 0]) > 0:
        raise DataError(
            "The network makes the same of every image, so there is nothing to unfold.",
            advice="Train it longer, or at a lower learning rate.",
        )

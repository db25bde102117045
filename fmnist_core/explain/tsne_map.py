"""A map of the data: t-SNE of the network's features, and where new items fall on it.

van der Maaten and Hinton 2008 (JMLR 9); the gradient is interpolated on a grid (Linderman et al.
2019, Nature Methods 16, "FIt-SNE"), begun with the first two principal axes (Kobak and Berens 2019,
Nature Communications 10).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import DataError
from fmnist_core.models.calibration import CalibratedPredictions

PERPLEXITY = 30

# Early exaggeration, then the plain objective.
_EARLY, _LATE = 250, 500

STEPS = _EARLY + _LATE

_EXAGGERATION = 12.0

# A grid twice as coarse as usual takes a quarter of the time; as many neighbours stay together.
_GRID = 2

# Below so many images the grid costs more than going through all (Barnes-Hut).
_GRID_FROM = 2000

_STEPS_BETWEEN_REPORTS = 10

_Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class DataMap:
    """Test images on the principal plane of a network's features.

    Attributes:
        dataset: Whose test images they are.
        fingerprint: The data set's.
        indices: int64 (m,), which of them.
        plane: float32 (m, 2), their places along the two principal axes.
        shares: float32 (2,), the part of all variance along each of these, 0 to 1.
        answers: The network's predictions for them.
    """

    dataset: str
    fingerprint: str
    indices: NDArray[np.int64]
    plane: NDArray[np.float32]
    shares: NDArray[np.float32]
    answers: CalibratedPredictions


@dataclass(frozen=True, eq=False)
class MapPosition:
    """The position of another image on the map.

    Attributes:
        plane: float32 (2,), along the principal axes, exactly as the images of the map.
        tsne: float32 (2,), on the t-SNE map, between its five nearest images; None without one.
        rows: int64 (6,), the rows of the map's nearest images, nearest first: five others even
            where the image itself is on the map.
        distances: float32 (6,), Euclidean, along the map's principal axes.
    """

    plane: NDArray[np.float32]
    tsne: NDArray[np.float32] | None
    rows: NDArray[np.int64]
    distances: NDArray[np.float32]


def fit_tsne(coordinates: _Array, report: Callable[[int], None], *, threads: int = 1) -> _Array:
    """t-SNE: places float32 (m, 2) that keep neighbors in `coordinates` (m, k) close.

    Args:
        coordinates: Along principal axes, most variance first, k >= 2.
        report: Called every few steps with how many of `STEPS` are done.

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

    def on_step(step: int, divergence: float, embedding: object) -> None:
        report(done + step)

    embedding = TSNEEmbedding(
        rescale(coordinates[:, :2].astype(np.float64)),
        affinities,
        random_state=0,
        n_jobs=threads,
        negative_gradient_method="fft" if len(coordinates) >= _GRID_FROM else "bh",
        ints_in_interval=_GRID,
        callbacks=on_step,
        callbacks_every_iters=_STEPS_BETWEEN_REPORTS,
    )
    report(0)
    embedding = embedding.optimize(_EARLY, exaggeration=_EXAGGERATION, momentum=0.5)
    done = _EARLY
    return np.asarray(embedding.optimize(_LATE, momentum=0.8), np.float32)


def tsne_position(places: _Array, rows: NDArray[np.int64], distances: _Array) -> _Array:
    """The position of another image on a t-SNE map: (2,), between its nearest neighbors.

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


def _check(coordinates: _Array) -> None:
    if len(coordinates) < 10:
        raise DataError("A map needs at least ten images.", received=len(coordinates))
    if not np.ptp(coordinates[:, 0]) > 0:
        raise DataError(
            "All images have the same features, so there is nothing to map.",
            advice="Train it longer, or at a lower learning rate.",
        )

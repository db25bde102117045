"""Smooth outlines through a few points, for many garments at once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
_STEPS = 5


def smooth(points: Points, *, corners: Iterable[int] = (), closed: bool = True) -> Points:
    """A curve through `points` (n, k, 2), sharp at `corners` and between neighbouring corners.

    The curve is linear in its points, so one matrix draws it for all n garments.

    Returns:
        float64 (n, about 5 k, 2).
    """
    weights = _weights(points.shape[1], tuple(sorted(corners)), closed)
    return np.einsum("mk,nkc->nmc", weights, points, optimize=True)


@lru_cache(maxsize=256)
def _weights(count: int, corners: tuple[int, ...], closed: bool) -> NDArray[np.float64]:
    """Catmull-Rom: the slope at a point is half the way between its neighbours, 0 at a corner."""
    identity = np.eye(count)
    slopes = 0.5 * (np.roll(identity, -1, axis=0) - np.roll(identity, 1, axis=0))
    slopes[list(corners)] = 0
    if not closed:
        slopes[[0, -1]] = 0
    ends = np.roll(identity, -1, axis=0), np.roll(slopes, -1, axis=0)
    time = np.linspace(0, 1, _STEPS, endpoint=False)[:, None]
    pieces = [
        _hermite(time, identity[i], slopes[i], ends[0][i], ends[1][i])
        for i in range(count if closed else count - 1)
    ]
    return np.concatenate([*pieces, *([] if closed else [identity[-1:]])])


def _hermite(
    t: NDArray[np.float64],
    start: NDArray[np.float64],
    start_slope: NDArray[np.float64],
    end: NDArray[np.float64],
    end_slope: NDArray[np.float64],
) -> NDArray[np.float64]:
    rise = t * t * (3 - 2 * t)
    return (
        (1 - rise) * start
        + rise * end
        + t * (1 - t) ** 2 * start_slope
        - t * t * (1 - t) * end_slope
    )

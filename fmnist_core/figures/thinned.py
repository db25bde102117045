"""Curves of thousands of points, with as many left as the eye can tell apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def thinned(x: NDArray[np.float64], y: NDArray[np.float64], points: int = 160) -> NDArray[np.int64]:
    """Which points of a curve to draw: evenly along its path, with both ends.

    Args:
        x, y: Each (n,), n at least 1, on scales of the same length.

    Returns:
        int64 (m,), rising, m at most `points` and at least 1.
    """
    path = np.cumsum(np.hypot(np.diff(x, prepend=x[0]), np.diff(y, prepend=y[0])))
    stops = np.linspace(0, path[-1], points)
    return np.unique(np.minimum(np.searchsorted(path, stops), len(path) - 1))

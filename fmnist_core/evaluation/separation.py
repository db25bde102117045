"""How well a score tells two kinds of image apart."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fmnist_core.errors import DataError
from fmnist_core.evaluation.interval import Z_95


@dataclass(frozen=True)
class Separation:
    """Area under the ROC curve.

    Attributes:
        auroc: 0 to 1: how often one of the first kind scores higher than one of the second.
        interval: Where it lies with 95 % confidence (Newcombe 2006, Statistics in Medicine
            25:559, https://doi.org/10.1002/sim.2324, method 5: Wilson's idea with the variance of
            Hanley and McNeil).
        firsts, seconds: Images of each kind.
    """

    auroc: float
    interval: tuple[float, float]
    firsts: int
    seconds: int


def separation(firsts: ArrayLike, seconds: ArrayLike) -> Separation:
    """How far the scores `firsts` (m,) lie above the scores `seconds` (n,); ties count half.

    Raises:
        DataError: A kind without images, or a score that is no number.
    """
    high, low = np.asarray(firsts, np.float64), np.asarray(seconds, np.float64)
    if not (high.size and low.size and np.isfinite(high).all() and np.isfinite(low).all()):
        raise DataError(
            "Two kinds of image, each with one or more finite scores, are needed.",
            received=f"{high.size} and {low.size} scores",
        )
    ordered = np.sort(low)
    under = np.searchsorted(ordered, high, "left") + np.searchsorted(ordered, high, "right")
    area = float(under.mean() / (2 * low.size))
    limits = _limit(area, high.size, low.size, 0.0), _limit(area, high.size, low.size, 1.0)
    return Separation(area, limits, high.size, low.size)


def _limit(area: float, firsts: int, seconds: int, end: float) -> float:
    """Between `area` and `end`, the furthest true area of which `area` is no surprise."""
    near, far = area, end
    for _ in range(60):
        middle = (near + far) / 2
        if abs(area - middle) <= Z_95 * _deviation(middle, firsts, seconds):
            near = middle
        else:
            far = middle
    return near


def _deviation(area: float, firsts: int, seconds: int) -> float:
    """Standard error of a measured area whose true value is `area`."""
    half = (firsts + seconds) / 2 - 1
    spread = 1 + half * ((1 - area) / (2 - area) + area / (1 + area))
    return math.sqrt(area * (1 - area) * spread / (firsts * seconds))

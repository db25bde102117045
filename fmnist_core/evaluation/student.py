"""Student's t distribution, for means of a few values."""

from __future__ import annotations

import math

import numpy as np

# Gauss-Legendre with so many points is exact to some 1e-12 from 1 to 1000 degrees of freedom.
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(160)


def t_beyond(t: float, freedom: float) -> float:
    """Chance that a value lies further from 0 than `t`, on either side (0 to 1).

    With t = sqrt(freedom) tan(angle) the density becomes a power of the angle's cosine.

    Args:
        freedom: Degrees of freedom, at least 1; need not be whole.
    """
    if math.isinf(t):
        return 0.0
    half = math.atan(abs(t) / math.sqrt(freedom)) / 2
    inside = half * float(_WEIGHTS @ np.cos(half * (_POINTS + 1)) ** (freedom - 1))
    log_whole = math.lgamma(freedom / 2) - math.lgamma((freedom + 1) / 2)
    return max(0.0, 1 - 2 * inside / (math.sqrt(math.pi) * math.exp(log_whole)))


def t_limit(freedom: float, outside: float = 0.05) -> float:
    """The t beyond which, on either side, the share `outside` (0 to 1) of values lies."""
    low, high = 0.0, 1.0
    while t_beyond(high, freedom) > outside:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if t_beyond(middle, freedom) > outside else (low, middle)
    return (low + high) / 2

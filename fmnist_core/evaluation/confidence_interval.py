"""Confidence intervals of shares."""

from __future__ import annotations

import math

# The 97.5 % quantile of the normal distribution.
Z_95 = 1.959963984540054


def wilson(correct: int, images: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of a share, by default 95 %.

    Unlike the textbook's `p ± 1.96 s` it stays within 0 and 1 and is right near them too
    (Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953).
    By hand: the first thing that Evaluate shows should not wait a second for SciPy's import.

    Args:
        correct: From 0 to `images`.
        images: At least 1.
    """
    share = correct / images
    shrink = 1 + z * z / images
    centre = (share + z * z / (2 * images)) / shrink
    half = z / shrink * math.sqrt(share * (1 - share) / images + (z / (2 * images)) ** 2)
    return max(0.0, centre - half), min(1.0, centre + half)

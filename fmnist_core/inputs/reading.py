"""Is it a drawing, or a picture of cloth?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.inputs.ground import grey
from fmnist_core.inputs.masks import Mask, box_of, filled, grown, shrunk, stroke_width

# Lines are thinner than this share of the drawing's longest side.
_THIN = 0.11
# Ink covers less than this share of what it encloses.
_SPARSE = 0.62
# Within this many grey levels of each other, tones are the same ink.
_SAME_INK = 6
_ONE_TONE = 0.93


def ink_of(distance: NDArray[np.float32], contrast: float, threshold: float) -> Mask:
    """Mask of what differs from the background by more than a share of the contrast."""
    return distance > contrast * (0.1 + 0.7 * threshold)


def is_drawing(
    picture: NDArray[np.uint8], ink: Mask, distance: NDArray[np.float32], noise: float
) -> bool:
    """Whether the ink is made of thin lines on paper, or is one flat tone as in a solid icon.

    Args:
        picture: uint8 (h, w, 3).
        ink: (h, w) what differs from the background.
        distance: float32 (h, w), how much.
        noise: How much the background varies.
    """
    if not ink.any():
        return False
    left, top, right, bottom = box_of(ink)
    size = max(right - left, bottom - top)
    shape = filled(ink, max(1, size // 40))
    if ink.sum() < _SPARSE * shape.sum() and stroke_width(ink) < _THIN * size:
        return _is_paper(shape & ~grown(ink, max(1, size // 60)), distance, noise)
    return _is_flat(picture, ink, size)


def _is_paper(between: Mask, distance: NDArray[np.float32], noise: float) -> bool:
    """Between its lines a drawing shows the sheet; cloth shows itself."""
    if not between.any():
        return True
    return float(np.median(distance[between])) <= max(3 * noise, 10.0)


def _is_flat(picture: NDArray[np.uint8], ink: Mask, size: int) -> bool:
    """One tone everywhere, in each colour: cloth has folds, flat icons have none."""
    core = shrunk(ink, max(1, size // 100))
    if core.sum() < 0.2 * ink.sum():
        return False
    tones = grey(picture)[core].astype(np.int16)
    saturation = np.ptp(picture[core].astype(np.int16), axis=1)
    flat = np.abs(tones - np.median(tones)) <= _SAME_INK
    return bool(flat.mean() >= _ONE_TONE and np.percentile(saturation, 90) < 40)

"""The grey tones of a garment as the data set has them: bright cloth on black.

The original images were negated, since products are shot on white (Xiao et al., arXiv 1708.07747,
section 2): dark cloth is bright there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.inputs.ground import Ground, grey
from fmnist_core.inputs.masks import Mask

_BRIGHTEST = 235.0
_DARKEST = 40.0
# Cloth of nearly one tone keeps its small differences small.
_LEAST_SPREAD = 80.0


def garment_tones(picture: NDArray[np.uint8], mask: Mask, ground: Ground) -> NDArray[np.uint8]:
    """uint8 (h, w): the garment's tones spread over the range, black outside the mask."""
    tones = grey(picture).astype(np.float32)
    if tones[mask].mean() <= ground.brightness:
        tones = 255 - tones
    low, high = np.percentile(tones[mask], (2, 98))
    spread = max(high - low, _LEAST_SPREAD)
    bright = _BRIGHTEST - (high - tones) / spread * (_BRIGHTEST - _DARKEST)
    return np.where(mask, np.clip(bright, _DARKEST - 15, 255), 0).astype(np.uint8)

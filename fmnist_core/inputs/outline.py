"""A drawing becomes strokes of one width on a softly filled shape.

People draw garments as outlines; a network that learned from photographs looks for filled shapes.
So what the outline encloses is filled with a middle grey, also where the pen left gaps, and every
line gets the width that survives at 28x28. Filled drawings and solid icons become the same: their
edge and their inner lines as strokes, the rest as filling.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.inputs.fitting import placed
from fmnist_core.inputs.masks import (
    Mask,
    box_of,
    filled,
    grown,
    shrunk,
    stroke_width,
)

# The sheet on which drawings are worked over: four pixels become one of the network's.
SHEET = 112
FILLING = 110
STROKE = 255
_LEAST_WIDTH = 5.0
# Openings in an outline are closed up to these radii on the sheet, the smallest that helps.
_GAPS = (1, 4, 8, 13)
# An outline encloses at least this share of its bounding box, else it is taken for open.
_ENCLOSED = 0.3


def drawing(ink: Mask) -> NDArray[np.uint8]:
    """Strokes on filling from a mask of ink: uint8 (112, 112), white on black."""
    sheet = on_sheet(ink)
    return painted(strokes_of(sheet), silhouette(sheet))


def on_sheet(ink: Mask) -> Mask:
    """The ink's bounding box, as large as fits on the sheet, in its middle."""
    left, top, right, bottom = box_of(ink)
    part = ink[top:bottom, left:right].astype(np.uint8) * 255
    return placed(part, SHEET, SHEET - 4) >= 96


def silhouette(sheet: Mask) -> Mask:
    """What the drawn outline encloses, ink included; only the ink where it encloses nothing."""
    left, top, right, bottom = box_of(sheet)
    room = (right - left) * (bottom - top)
    for gap in _GAPS:
        shape = filled(sheet, gap)
        if shape.sum() >= _ENCLOSED * room:
            return shape
    return filled(sheet, _GAPS[0])


def strokes_of(sheet: Mask) -> Mask:
    """The lines: thin ink as it is (widened to be seen), of solid ink its edge and inner lines."""
    width = stroke_width(sheet)
    if width > SHEET / 7:
        shape = filled(sheet)
        rim = shape & ~shrunk(shape, 2)
        return rim | grown(shape & ~sheet, 1)
    return grown(sheet, max(0, round((_LEAST_WIDTH - width) / 2)))


def painted(strokes: Mask, shape: Mask) -> NDArray[np.uint8]:
    """White strokes on a grey shape on black."""
    return np.where(strokes, STROKE, np.where(shape, FILLING, 0)).astype(np.uint8)

"""A drawing becomes strokes of one width on a softly filled shape.

People draw garments as outlines; a network that learned from photographs looks for filled shapes.
So what the outline encloses is filled with a middle grey, also where the pen left gaps, and every
line gets a width that survives at 28x28. Solid icons become the same: thick ink is an area with a
rim, and thin gaps in it are lines.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fmnist_core.inputs.fitting import SHEET, placed
from fmnist_core.inputs.masks import (
    Mask,
    box_of,
    filled,
    grown,
    shrunk,
    stroke_width,
)

FILLING = 110
STROKE = 255
_LEAST_WIDTH = 5.0
# Lines keep at least this width in pixels when they are shrunk onto the sheet.
_LEAST_SHRUNK = 2.5
# Radius in pixels of the sheet: what is thicker than twice that is an area, not a line.
_THIN = 8
# Openings in an outline are closed up to these radii on the sheet, the smallest that helps.
_GAPS = (1, 4, 8, 13)
# An outline encloses at least this share of its bounding box, else it is taken for open.
_ENCLOSED = 0.3


def drawing(ink: Mask) -> NDArray[np.uint8]:
    """Strokes on filling from a mask of ink: uint8 (112, 112), white on black."""
    return outlined(on_sheet(ink))


def outlined(sheet: Mask, *, filling: bool = True) -> NDArray[np.uint8]:
    """The same for ink that is on the sheet already; without `filling` the strokes alone."""
    shape = silhouette(sheet)
    return painted(strokes_of(sheet, shape), shape if filling else np.zeros_like(shape))


def on_sheet(ink: Mask) -> Mask:
    """The ink's bounding box, as large as fits on the sheet, in its middle."""
    left, top, right, bottom = box_of(ink)
    part = _kept_visible(ink[top:bottom, left:right]).astype(np.uint8) * 255
    return placed(part, SHEET, SHEET - 4) >= 96


def _kept_visible(ink: Mask) -> Mask:
    """Lines so thick that they are not lost when the drawing is shrunk onto the sheet."""
    shrinking = max(ink.shape) / (SHEET - 4)
    lacking = _LEAST_SHRUNK * shrinking - stroke_width(ink)
    return grown(ink, math.ceil(lacking / 2)) if shrinking > 1 and lacking > 0 else ink


def silhouette(sheet: Mask) -> Mask:
    """What the drawn outline encloses, ink included; only the ink where it encloses nothing."""
    left, top, right, bottom = box_of(sheet)
    room = (right - left) * (bottom - top)
    shapes = []
    for gap in _GAPS:
        shapes.append(filled(sheet, gap))
        if shapes[-1].sum() >= _ENCLOSED * room:
            return shapes[-1]
    return shapes[0]


def strokes_of(sheet: Mask, shape: Mask) -> Mask:
    """The lines: thin ink, the rim of thick ink, and thin gaps in thick ink."""
    thick = _thick(sheet)
    thin = sheet & ~thick
    if not thick.any():
        return _widened(thin)
    gaps = shape & ~sheet
    cuts = gaps & ~_thick(gaps) & grown(thick, _THIN)
    return _widened(thin) | cuts | (thick & ~shrunk(thick, 2))


def _thick(mask: Mask) -> Mask:
    """The parts of a mask in which a disc fits that no pen draws."""
    core = shrunk(mask, _THIN)
    return grown(core, _THIN + 2) & mask if core.any() else core


def _widened(lines: Mask) -> Mask:
    return grown(lines, max(0, round((_LEAST_WIDTH - stroke_width(lines)) / 2)))


def painted(strokes: Mask, shape: Mask) -> NDArray[np.uint8]:
    """White strokes on a grey shape on black."""
    return np.where(strokes, STROKE, np.where(shape, FILLING, 0)).astype(np.uint8)

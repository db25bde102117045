"""Training images as line drawings.

A photograph becomes its outline and a random part of its inner edges, bent as by a hand, drawn
with one pen (the idea of Lee et al., arXiv 2202.13164: sketches recognised without sketches), and
then painted as `fmnist_core.preprocessing.masks` paints what people draw.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.augmentation.elastic import bent, smooth_noise
from fmnist_core.preprocessing.masks import Mask, box_of, filled, grown, main_parts, painted, shrunk
from fmnist_core.preprocessing.resize import SHEET, placed

Picture = NDArray[np.uint8]
# Share of drawings whose outline is left open, and so comes without filling.
_OPEN = 0.14
_PARTLY_FILLED = 0.08


def as_lines(sheet: Picture, distortion: float, rng: np.random.Generator) -> Picture:
    """A garment as a line drawing: both uint8 (112, 112)."""
    bent_sheet = fitted(bent([sheet], distortion, rng)[0])
    shape = shape_of(bent_sheet, rng)
    if shape.sum() < 60:
        return sheet
    pen = rng.uniform(3.0, 6.5) if rng.random() < 0.75 else rng.uniform(6.5, 11.0)
    ink = ring(shape, pen) | (
        _inner_edges(bent_sheet, shape, rng) if rng.random() < 0.75 else False
    )
    return finished(ink, shape, rng)


def finished(ink: Mask, shape: Mask, rng: np.random.Generator) -> Picture:
    """Gaps in the lines, filling or none: uint8 (112, 112)."""
    if rng.random() < 0.3:
        ink = ink & (smooth_noise(rng) > -1.7)
    chance = rng.random()
    if chance < _OPEN:
        shape = np.zeros_like(shape)
    elif chance < _OPEN + _PARTLY_FILLED:
        shape = shape & (smooth_noise(rng) > rng.uniform(-0.5, 0.5))
    return painted(ink, shape)


def shape_of(sheet: Picture, rng: np.random.Generator) -> Mask:
    """The garment's silhouette, simplified by a random amount."""
    soft = cv2.GaussianBlur(sheet, (0, 0), rng.uniform(1.0, 3.2))
    mask = np.asarray(soft) > rng.uniform(14, 44)
    if not mask.any():
        return mask
    mask = main_parts(mask, 0.06)
    return filled(mask) if rng.random() < 0.6 else mask


def ring(shape: Mask, pen: float) -> Mask:
    """A line of the given width along the edge of the shape."""
    inner = round(pen / 2)
    return grown(shape, max(0, round(pen) - inner)) & ~shrunk(shape, inner)


def _inner_edges(sheet: Picture, shape: Mask, rng: np.random.Generator) -> Mask:
    soft = cv2.GaussianBlur(sheet, (0, 0), rng.uniform(1.5, 3.0))
    high = rng.uniform(25, 90)
    edges = cv2.Canny(np.asarray(soft, np.uint8), high * 0.45, high) > 0
    edges &= shrunk(shape, 5) & (smooth_noise(rng) > rng.uniform(-2.0, 1.0))
    return grown(edges, round(rng.uniform(0.6, 2.2)))


def fitted(sheet: Picture, longest: int = SHEET - 4) -> Picture:
    """The content of the sheet, scaled to fit, as preprocessing does it."""
    mask = sheet > 20
    if not mask.any():
        return sheet
    left, top, right, bottom = box_of(mask)
    return placed(sheet[top:bottom, left:right], SHEET, longest)

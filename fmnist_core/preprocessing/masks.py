"""Masks: morphology, the background of a photo, and drawings filled to silhouettes with outlines.

People draw garments as outlines; a network trained on photographs looks for filled shapes. So what
the outline encloses is filled with a middle gray, also where the pen left gaps, and every line gets
a width that survives at 28x28. Solid icons become the same: thick ink is an area with a rim, and
thin gaps in it are lines.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.preprocessing.resize import SHEET, placed

_FILLING = 110

_STROKE = 255

_LEAST_WIDTH = 5.0

# Lines keep at least this width in pixels when they are shrunk onto the sheet.
_LEAST_SHRUNK = 2.5

# Radius in pixels of the sheet: what is thicker than twice that is an area, not a line.
_THIN = 8

# Openings in an outline are closed up to these radii on the sheet, the smallest that helps.
_GAPS = (1, 4, 8, 13)

# An outline encloses at least this share of its bounding box, else it is taken for open.
_ENCLOSED = 0.3

_Picture = NDArray[np.uint8]

_Floats = NDArray[np.float32]

# The outermost part of a picture, as a share of its longest side, is taken for background.
_FRAME = 0.025

# A frame pixel this near the frame's middle colour (0 to 255, largest channel) belongs to it.
_TOLERANCE = 28

_PLAIN_SHARE = 0.72

_EVEN = 6.0

Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Background:
    """The background as the frame of the picture shows it.

    Attributes:
        colour: float32 (3,), the middle colour of the frame.
        plain: Whether most of the frame has that colour.
        noise: How much those pixels vary, 0 to 255.
    """

    colour: _Floats
    plain: bool
    noise: float

    @property
    def even(self) -> bool:
        """Whether it is a sheet or a studio's white: no cloth, floor or wall looks like that."""
        return self.plain and self.noise <= _EVEN

    @property
    def brightness(self) -> float:
        """0 to 255."""
        return float(self.colour @ np.array([0.299, 0.587, 0.114], np.float32))


def grown(mask: Mask, radius: int) -> Mask:
    """The mask with everything within `radius` pixels of it."""
    if not radius or not mask.any():
        return mask
    # By distance: as fast for large radii as for small ones.
    return cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 3) <= radius


def shrunk(mask: Mask, radius: int) -> Mask:
    """The mask without everything within `radius` pixels of its outside."""
    return ~grown(~mask, radius) if radius else mask


def filled(mask: Mask, gap: int = 0) -> Mask:
    """The mask with all it encloses; openings up to twice `gap` pixels wide count as closed."""
    room = gap + 1
    walls = grown(np.pad(mask, room), gap).astype(np.uint8)
    cv2.floodFill(walls, None, (0, 0), 2)
    # What the flood did not reach, plus the ring by which the walls were too thick.
    outside = grown(walls == 2, gap)
    inside = ~outside[room:-room, room:-room]
    return inside | mask


def main_parts(mask: Mask, share: float) -> Mask:
    """The connected parts at least `share` as large as the largest one."""
    count, labels, facts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    if count <= 2:
        return mask
    areas = facts[:, cv2.CC_STAT_AREA].astype(np.float64)
    areas[0] = 0
    return (areas >= share * areas.max())[labels] & mask


def box_of(mask: Mask) -> Box:
    """Left, top, right, bottom of the mask; right and bottom excluded."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def stroke_width(mask: Mask) -> float:
    """Typical thickness of the mask in pixels: twice the distance to its outside, on its ridge."""
    if not mask.any():
        return 0.0
    distance = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 3)
    ridge = (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8)) - 1e-3) & (distance > 0)
    values = distance[ridge]
    # Weighted by area, so that a blot among thin lines counts for what it covers.
    return float(2 * (values * values).sum() / values.sum()) if len(values) else 0.0


def find_background(picture: _Picture, choice: str = "auto") -> Background:
    """The background of a picture (h, w, 3); `choice` may force `"light"` or `"dark"`."""
    frame = frame_pixels(picture).astype(np.float32)
    if choice != "auto":
        return _chosen_background(frame, light=choice == "light")
    colour = np.median(frame, axis=0)
    distance = np.abs(frame - colour).max(axis=1)
    near = distance <= _TOLERANCE
    noise = float(np.percentile(distance[near], 90)) if near.any() else 0.0
    return Background(colour.astype(np.float32), bool(near.mean() >= _PLAIN_SHARE), noise)


def _chosen_background(frame: _Floats, *, light: bool) -> Background:
    """The light (or dark) part of the frame; white (or black) where there is hardly any."""
    fitting = frame[(frame.mean(axis=1) >= 128) == light]
    if len(fitting) < 0.1 * len(frame):
        return Background(np.full(3, 255.0 if light else 0.0, np.float32), True, 0.0)
    colour = np.median(fitting, axis=0)
    noise = float(np.percentile(np.abs(fitting - colour).max(axis=1), 75))
    return Background(colour.astype(np.float32), True, noise)


def frame_pixels(picture: _Picture) -> _Picture:
    """The pixels (n, 3) along the four edges."""
    height, width = picture.shape[:2]
    wide = max(1, round(_FRAME * max(height, width)))
    top, bottom = picture[:wide], picture[-wide:]
    left, right = picture[:, :wide], picture[:, -wide:]
    return np.concatenate([part.reshape(-1, 3) for part in (top, bottom, left, right)])


def distance_from(picture: _Picture, ground: Background) -> _Floats:
    """Difference of each pixel from the background: float32 (h, w), 0 to 255, largest channel."""
    return np.abs(picture.astype(np.float32) - ground.colour).max(axis=2)


def grey(picture: _Picture) -> _Picture:
    """Brightness, uint8 (h, w)."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def drawing(ink: Mask) -> NDArray[np.uint8]:
    """Strokes on filling from a mask of ink: uint8 (112, 112), white on black."""
    return outlined(_on_sheet(ink))


def outlined(sheet: Mask, *, filling: bool = True) -> NDArray[np.uint8]:
    """As `drawing`, for ink that is on the sheet already; without `filling` the strokes alone."""
    shape = _silhouette(sheet)
    return painted(_strokes_of(sheet, shape), shape if filling else np.zeros_like(shape))


def _on_sheet(ink: Mask) -> Mask:
    """The ink's bounding box, as large as fits on the sheet, in its middle."""
    left, top, right, bottom = box_of(ink)
    part = _kept_visible(ink[top:bottom, left:right]).astype(np.uint8) * 255
    return placed(part, SHEET, SHEET - 4) >= 96


def _kept_visible(ink: Mask) -> Mask:
    """Lines so thick that they are not lost when the drawing is shrunk onto the sheet."""
    shrinking = max(ink.shape) / (SHEET - 4)
    lacking = _LEAST_SHRUNK * shrinking - stroke_width(ink)
    return grown(ink, math.ceil(lacking / 2)) if shrinking > 1 and lacking > 0 else ink


def _silhouette(sheet: Mask) -> Mask:
    """The area that an outline encloses, with the ink; the ink alone if it encloses nothing."""
    left, top, right, bottom = box_of(sheet)
    room = (right - left) * (bottom - top)
    shapes = []
    for gap in _GAPS:
        shapes.append(filled(sheet, gap))
        if shapes[-1].sum() >= _ENCLOSED * room:
            return shapes[-1]
    return shapes[0]


def _strokes_of(sheet: Mask, shape: Mask) -> Mask:
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
    return np.where(strokes, _STROKE, np.where(shape, _FILLING, 0)).astype(np.uint8)

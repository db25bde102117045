"""Brush strokes by which a person corrects a mask: a foreground and a background brush."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import cv2
import numpy as np

from fmnist_core.errors import InputError
from fmnist_core.preprocessing.masks import Mask

MOST_STROKES, MOST_POINTS = 200, 4_000
LEAST_RADIUS, MOST_RADIUS = 0.001, 0.5
# Parts of a pixel that OpenCV draws by, as a power of two.
_FRACTION = 4


@dataclass(frozen=True)
class BrushStroke:
    """One stroke of a round brush.

    Attributes:
        points: Its way as (x, y), each a share of the picture's width or height (0 to 1) after
            rotating, mirroring and cropping; one point is a dot.
        radius: Of the brush, as a share of the picture's longest side.
        keep: Whether it adds to the mask; else it removes.

    Raises:
        InputError: A value out of its range.
    """

    points: tuple[tuple[float, float], ...]
    radius: float
    keep: bool = True

    def __post_init__(self) -> None:
        good = isinstance(self.points, (list, tuple)) and 0 < len(self.points) <= MOST_POINTS
        if not good or not all(_is_point(point) for point in self.points):
            raise InputError(
                f"A brush stroke has 1 to {MOST_POINTS} points, each two numbers from 0 to 1.",
                received=repr(self.points)[:80],
            )
        if not _is_within(self.radius, LEAST_RADIUS, MOST_RADIUS):
            raise InputError(
                f"The radius of a brush is a number from {LEAST_RADIUS} to {MOST_RADIUS}.",
                received=repr(self.radius)[:80],
            )
        if not isinstance(self.keep, bool):
            raise InputError("keep must be true or false.", received=repr(self.keep)[:80])
        points = tuple((float(x), float(y)) for x, y in self.points)
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "radius", float(self.radius))


def checked_strokes(strokes: object) -> tuple[BrushStroke, ...]:
    """The strokes as a tuple.

    Raises:
        InputError: Something that is no stroke, too many strokes, or too many points.
    """
    if not isinstance(strokes, (list, tuple)) or not all(
        isinstance(one, BrushStroke) for one in strokes
    ):
        raise InputError("brush must be a list of brush strokes.", received=repr(strokes)[:80])
    points = sum(len(one.points) for one in strokes)
    if len(strokes) > MOST_STROKES or points > MOST_POINTS:
        raise InputError(
            f"A mask takes at most {MOST_STROKES} brush strokes with {MOST_POINTS:,} points.",
            received=f"{len(strokes)} strokes with {points:,} points",
            advice="Take some strokes back, or begin again with a wider brush.",
        )
    return tuple(strokes)


def brushed(mask: Mask, strokes: Sequence[BrushStroke]) -> Mask:
    """The mask (h, w) after all strokes, in their order."""
    if not strokes:
        return mask
    painted = mask.astype(np.uint8)
    size = np.array([mask.shape[1], mask.shape[0]], np.float64)
    for stroke in strokes:
        radius = stroke.radius * max(mask.shape)
        # The middle of the first pixel is at 0 for OpenCV, and half a pixel from the edge.
        way = np.rint((np.array(stroke.points) * size - 0.5) * 2**_FRACTION).astype(np.int32)
        value = int(stroke.keep)
        width = max(1, round(2 * radius))
        cv2.polylines(painted, [way], False, value, width, cv2.LINE_8, _FRACTION)
        for end in (way[0], way[-1]):
            middle = int(end[0]), int(end[1])
            wide = round(radius * 2**_FRACTION)
            cv2.circle(painted, middle, wide, value, cv2.FILLED, cv2.LINE_8, _FRACTION)
    return painted > 0


def _is_point(point: Any) -> bool:
    return (
        isinstance(point, (list, tuple))
        and len(point) == 2
        and all(_is_within(share, 0, 1) for share in point)
    )


def _is_within(value: Any, low: float, high: float) -> bool:
    good = isinstance(value, Real) and not isinstance(value, bool)
    return good and bool(low <= value <= high)

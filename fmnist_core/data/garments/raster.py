"""Strokes become grey images: drawn large, then averaged down, so that edges are soft."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from fmnist_core.data.garments.strokes import SIDE, Line, Mask, Scalar, Shape, Stroke

_SCALE = 5
_Mark = Callable[[ImageDraw.ImageDraw], None]


def rasterise(strokes: list[Stroke], count: int) -> NDArray[np.uint8]:
    """Paints the strokes in their order on `count` black images: uint8 (count, 28, 28)."""
    images = np.empty((count, SIDE, SIDE), np.uint8)
    layers = [list(_marks(stroke, count)) for stroke in strokes]
    for index, marks in enumerate(zip(*layers, strict=True)):
        canvas = Image.new("L", (SIDE * _SCALE, SIDE * _SCALE))
        pen = ImageDraw.Draw(canvas)
        for mark in marks:
            mark(pen)
        images[index] = np.asarray(canvas.reduce(_SCALE))
    return images


def _marks(stroke: Stroke, count: int) -> Iterator[_Mark]:
    outlines = (stroke.points * _SCALE).reshape(count, -1).tolist()
    tones = _each(stroke.tone, count).tolist()
    visible = _each(stroke.visible, count).tolist()
    extra = stroke.width if isinstance(stroke, Line) else stroke.rim
    extras = _each(extra, count).tolist()
    paint = _line if isinstance(stroke, Line) else _shape(stroke)
    for outline, tone, shown, value in zip(outlines, tones, visible, extras, strict=True):
        yield paint(outline, tone, value) if shown else _nothing


def _each(value: Scalar | Mask | bool, count: int) -> NDArray[np.float64]:
    return np.broadcast_to(np.asarray(value, np.float64), (count,))


def _line(outline: list[float], tone: float, width: float) -> _Mark:
    return lambda pen: pen.line(outline, fill=_grey(tone), width=max(1, round(width * _SCALE)))


def _shape(shape: Shape) -> Callable[[list[float], float, float], _Mark]:
    width = round(shape.rim_width * _SCALE)

    def paint(outline: list[float], tone: float, rim: float) -> _Mark:
        def mark(pen: ImageDraw.ImageDraw) -> None:
            pen.polygon(outline, fill=_grey(tone))
            if width:
                pen.line(outline + outline[:2], fill=_grey(tone * rim), width=width)

        return mark

    return paint


def _grey(tone: float) -> int:
    return min(255, max(1, int(tone)))


def _nothing(_: ImageDraw.ImageDraw) -> None:
    return None

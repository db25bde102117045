"""Bags: a body, a way to carry it, a flap or a clasp."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fmnist_core.datasets.garments.strokes import (
    Kinds,
    Line,
    Numbers,
    Pencil,
    Points,
    Scalar,
    Shape,
    Stroke,
    off,
    smooth,
)

_HANDBAG, _SHOULDER_BAG, _SACK, _CLUTCH = range(4)


@dataclass(frozen=True, eq=False)
class _Bag:
    """Half widths from the middle line (`high` at the top, `low` at the bottom), and heights."""

    kind: Kinds
    tone: Numbers
    top: Numbers
    bottom: Numbers
    high: Numbers
    low: Numbers


def bag(pencil: Pencil) -> list[Stroke]:
    """Handbags, shoulder bags, sacks and clutches; box, trapezium or rounded."""
    made = _measures(pencil)
    return [
        *_carrying(pencil, made),
        Shape(_outline(pencil, made), made.tone, rim=pencil.between(0.5, 0.9)),
        *_flap(pencil, made),
        *_seams(pencil, made),
        *_clasp(pencil, made),
    ]


def _measures(pencil: Pencil) -> _Bag:
    kind = pencil.kind(0.45, 0.2, 0.22, 0.13)
    clutch = kind == _CLUTCH
    bottom = np.where(clutch, pencil.near(20.5, 1.2), pencil.near(25.8, 0.6))
    height = np.where(clutch, pencil.between(8, 12), pencil.between(10, 16.5))
    low = pencil.between(8.5, 12.4)
    return _Bag(
        kind=kind,
        tone=pencil.cloth(),
        top=np.maximum(bottom - height, 6.5),
        bottom=bottom,
        high=low - pencil.between(-1.0, 3.2),
        low=low,
    )


def _outline(pencil: Pencil, made: _Bag) -> Points:
    bulge, middle = (made.low + made.high) / 2 + 0.4, (made.top + made.bottom) / 2
    outline = pencil.path(
        (off(-made.high), made.top),
        (off(0.0), made.top + pencil.between(0.0, 0.7)),
        (off(made.high), made.top),
        (off(bulge), middle),
        (off(made.low), made.bottom - 1.0),
        (off(made.low - 1.4), made.bottom),
        (off(0.0), made.bottom + 0.3),
        (off(1.4 - made.low), made.bottom),
        (off(-made.low), made.bottom - 1.0),
        (off(-bulge), middle),
    )
    return smooth(pencil.wobble(outline, 0.15), corners=(0, 2))


def _carrying(pencil: Pencil, made: _Bag) -> list[Stroke]:
    """Two short handles, one long strap, or a broad loop; nothing on a clutch."""
    shade = np.minimum(255, made.tone * pencil.between(0.65, 1.2))
    width = pencil.between(0.8, 1.4)
    handbag = made.kind == _HANDBAG
    front = _arc(pencil, made, 0.42, pencil.between(4.5, 7.5))
    back = _arc(pencil, made, 0.55, pencil.between(4.0, 6.5))
    strap = _arc(pencil, made, 0.95, made.top)
    loop = _arc(pencil, made, 0.85, pencil.between(6.5, 9.0))
    return [
        Line(back, shade * 0.75, width, handbag & pencil.chance(0.5)),
        Line(front, shade, width, handbag),
        Line(strap, shade, width, made.kind == _SHOULDER_BAG),
        Line(loop, shade, width * 1.6, made.kind == _SACK),
    ]


def _arc(pencil: Pencil, made: _Bag, share: float, rise: Scalar) -> Points:
    """From one side of the opening to the other, `rise` high where the image has room."""
    half, foot = made.high * share, made.top
    peak = np.maximum(0.8, foot - rise)
    bend = foot - (foot - peak) * 0.55
    arc = pencil.path(
        (off(-half), foot + 0.8),
        (off(-half * 0.88), bend),
        (off(-half * 0.4), peak + 0.1),
        (off(half * 0.4), peak + 0.1),
        (off(half * 0.88), bend),
        (off(half), foot + 0.8),
    )
    return smooth(arc, closed=False)


def _flap(pencil: Pencil, made: _Bag) -> list[Stroke]:
    low = made.top + (made.bottom - made.top) * pencil.between(0.35, 0.65)
    flap = pencil.path(
        (off(-made.high), made.top),
        (off(made.high), made.top),
        (off(made.high + 0.2), low - 1.2),
        (off(0.0), low + pencil.between(-0.6, 1.6)),
        (off(-made.high - 0.2), low - 1.2),
    )
    shade = np.minimum(255, made.tone * pencil.between(0.65, 1.25))
    outline = smooth(flap, corners=(0, 1, 2, 4))
    return [Shape(outline, shade, rim=0.5, visible=pencil.chance(0.4))]


def _seams(pencil: Pencil, made: _Bag) -> list[Stroke]:
    dark = made.tone * pencil.between(0.45, 0.8)
    y, upright = made.top + pencil.between(1.5, 3.5), pencil.chance(0.35)
    across = pencil.path((off(-made.high), y), (off(made.high), y))
    seams: list[Stroke] = [Line(across, dark, 0.6, pencil.chance(0.35))]
    for side in (-0.45, 0.45):
        strap = pencil.path((off(side * made.high), made.top), (off(side * made.low), made.bottom))
        seams.append(Line(strap, dark, pencil.between(0.5, 1.2), upright))
    return seams


def _clasp(pencil: Pencil, made: _Bag) -> list[Stroke]:
    y = made.top + (made.bottom - made.top) * pencil.between(0.2, 0.55)
    half = pencil.between(0.5, 1.3)
    plate = pencil.path(
        (off(-half), y), (off(half), y), (off(half), y + 1.4), (off(-half), y + 1.4)
    )
    dark = made.tone * pencil.between(0.2, 0.6)
    shade = np.where(made.tone > 140, dark, pencil.between(200, 255))
    return [Shape(plate, shade, rim_width=0, visible=pencil.chance(0.5))]

"""Bags: a body, a way to carry it, a flap or a clasp."""

from __future__ import annotations

import numpy as np

from fmnist_core.data.garments.splines import smooth
from fmnist_core.data.garments.strokes import (
    MIDDLE,
    Kinds,
    Line,
    Mask,
    Numbers,
    Pencil,
    Shape,
    Stroke,
)


def bag(pencil: Pencil) -> list[Stroke]:
    """Handbags, shoulder bags, totes and clutches: box, trapezium or sack."""
    kind = pencil.kind(0.45, 0.2, 0.22, 0.13)
    tone = pencil.cloth()
    clutch = kind == 3
    bottom = np.where(clutch, pencil.near(20.5, 1.2), pencil.near(25.8, 0.6))
    height = np.where(clutch, pencil.between(8, 12), pencil.between(10, 16.5))
    top = np.maximum(bottom - height, 6.5)
    low = pencil.between(8.5, 12.4)
    high = low - pencil.between(-1.0, 3.2)
    sag = pencil.between(0.0, 1.2)
    body = pencil.path(
        (MIDDLE - high, top),
        (MIDDLE, top + sag * 0.6),
        (MIDDLE + high, top),
        (MIDDLE + (low + high) / 2 + 0.4, (top + bottom) / 2),
        (MIDDLE + low, bottom - 1.0),
        (MIDDLE + low - 1.4, bottom),
        (MIDDLE, bottom + 0.3),
        (MIDDLE - low + 1.4, bottom),
        (MIDDLE - low, bottom - 1.0),
        (MIDDLE - (low + high) / 2 - 0.4, (top + bottom) / 2),
    )
    return [
        *_carrying(pencil, kind, top, high, tone),
        Shape(
            smooth(pencil.wobble(body, 0.15), corners=(0, 2)), tone, rim=pencil.between(0.5, 0.9)
        ),
        *_flap(pencil, top, bottom, high, tone),
        *_seams(pencil, top, bottom, high, low, tone),
        *_clasp(pencil, top, bottom, tone),
    ]


def _carrying(
    pencil: Pencil, kind: Kinds, top: Numbers, high: Numbers, tone: Numbers
) -> list[Stroke]:
    """Two short handles, one long strap, or a broad loop."""
    shade = np.minimum(255, tone * pencil.between(0.65, 1.2))
    width = pencil.between(0.8, 1.4)
    return [
        _arc(
            pencil,
            top,
            high * 0.42,
            np.minimum(top - 1.2, pencil.between(4.5, 7.5)),
            shade,
            width,
            kind == 0,
        ),
        _arc(
            pencil,
            top,
            high * 0.55,
            np.minimum(top - 1.2, pencil.between(4.0, 6.5)),
            shade * 0.75,
            width,
            (kind == 0) & pencil.chance(0.5),
        ),
        _arc(pencil, top, high * 0.95, top - 1.0, shade, width, kind == 1),
        _arc(
            pencil,
            top,
            high * 0.85,
            np.minimum(top - 1.2, pencil.between(6.5, 9.0)),
            shade,
            width * 1.6,
            kind == 2,
        ),
    ]


def _arc(
    pencil: Pencil,
    foot: Numbers,
    half: Numbers,
    rise: Numbers,
    tone: Numbers,
    width: Numbers,
    visible: Mask,
) -> Stroke:
    peak = np.maximum(0.8, foot - rise)
    arc = pencil.path(
        (MIDDLE - half, foot + 0.8),
        (MIDDLE - half * 0.88, foot - (foot - peak) * 0.55),
        (MIDDLE - half * 0.4, peak + 0.1),
        (MIDDLE + half * 0.4, peak + 0.1),
        (MIDDLE + half * 0.88, foot - (foot - peak) * 0.55),
        (MIDDLE + half, foot + 0.8),
    )
    return Line(smooth(arc, closed=False), tone, width, visible)


def _flap(
    pencil: Pencil, top: Numbers, bottom: Numbers, high: Numbers, tone: Numbers
) -> list[Stroke]:
    low = top + (bottom - top) * pencil.between(0.35, 0.65)
    flap = pencil.path(
        (MIDDLE - high, top),
        (MIDDLE + high, top),
        (MIDDLE + high + 0.2, low - 1.2),
        (MIDDLE, low + pencil.between(-0.6, 1.6)),
        (MIDDLE - high - 0.2, low - 1.2),
    )
    shade = np.minimum(255, tone * pencil.between(0.65, 1.25))
    visible = pencil.chance(0.4)
    return [Shape(smooth(flap, corners=(0, 1, 2, 4)), shade, rim=0.5, visible=visible)]


def _seams(
    pencil: Pencil, top: Numbers, bottom: Numbers, high: Numbers, low: Numbers, tone: Numbers
) -> list[Stroke]:
    dark = tone * pencil.between(0.45, 0.8)
    upright, across = pencil.chance(0.35), pencil.chance(0.35)
    y = top + pencil.between(1.5, 3.5)
    seams: list[Stroke] = [
        Line(pencil.path((MIDDLE - high, y), (MIDDLE + high, y)), dark, 0.6, across)
    ]
    for side in (-1.0, 1.0):
        strap = pencil.path(
            (MIDDLE + side * high * 0.45, top), (MIDDLE + side * low * 0.45, bottom)
        )
        seams.append(Line(strap, dark, pencil.between(0.5, 1.2), upright))
    return seams


def _clasp(pencil: Pencil, top: Numbers, bottom: Numbers, tone: Numbers) -> list[Stroke]:
    y = top + (bottom - top) * pencil.between(0.2, 0.55)
    half = pencil.between(0.5, 1.3)
    plate = pencil.path(
        (MIDDLE - half, y),
        (MIDDLE + half, y),
        (MIDDLE + half, y + 1.4),
        (MIDDLE - half, y + 1.4),
    )
    shade = np.where(tone > 140, tone * pencil.between(0.2, 0.6), pencil.between(200, 255))
    return [Shape(plate, shade, rim_width=0, visible=pencil.chance(0.5))]

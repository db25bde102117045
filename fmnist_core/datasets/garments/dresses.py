"""Dresses: narrow at the top, one piece down to the hem."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fmnist_core.datasets.garments.strokes import (
    Kinds,
    Line,
    Numbers,
    Pencil,
    Points,
    Shape,
    Stroke,
    both_sides,
    mirrored,
    off,
    smooth,
)

_STRAPS, _SHORT, _LONG = 1, 2, 3


@dataclass(frozen=True, eq=False)
class _Dress:
    """Half widths from the middle line, and heights, of n dresses.

    `kind` is 0 without sleeves, else one of `_STRAPS`, `_SHORT`, `_LONG`.
    """

    kind: Kinds
    tone: Numbers
    top: Numbers
    shoulder_at: Numbers
    waist_at: Numbers
    bottom: Numbers
    neck: Numbers
    shoulder: Numbers
    bust: Numbers
    waist: Numbers
    hem: Numbers


def dress(pencil: Pencil) -> list[Stroke]:
    """Straps, no sleeves, short or long sleeves; a waist; a straight or flared skirt with folds."""
    made = _measures(pencil)
    return [
        *_straps(pencil, made),
        *_sleeves(pencil, made),
        Shape(_outline(pencil, made), made.tone, rim=pencil.between(0.6, 0.9)),
        *_waist_seam(pencil, made),
        *_skirt_folds(pencil, made),
    ]


def _measures(pencil: Pencil) -> _Dress:
    kind = pencil.kind(0.42, 0.18, 0.28, 0.12)
    straps, flared = kind == _STRAPS, pencil.chance(0.55)
    top, bust = pencil.near(1.6, 0.4), pencil.near(4.0, 0.5)
    waist = bust - pencil.between(0.0, 1.3)
    return _Dress(
        kind=kind,
        tone=pencil.cloth(),
        top=top,
        shoulder_at=np.where(straps, top + 3.2, top),
        waist_at=pencil.near(11.0, 1.0),
        bottom=pencil.near(26.6, 0.4),
        neck=np.where(straps, bust * 0.55, pencil.near(2.0, 0.25)),
        shoulder=np.where(straps, bust * 0.92, bust + pencil.near(-0.1, 0.2)),
        bust=bust,
        waist=waist,
        hem=waist + np.where(flared, pencil.between(1.8, 5.5), pencil.between(0.0, 1.6)),
    )


def _outline(pencil: Pencil, made: _Dress) -> Points:
    half = pencil.path(
        (off(0.0), made.shoulder_at + pencil.between(0.6, 3.4)),
        (off(made.neck), made.shoulder_at),
        (off(made.shoulder), made.shoulder_at + 0.9),
        (off(made.bust - 0.4), made.top + 4.2),
        (off(made.bust), made.top + 6.0),
        (off(made.waist), made.waist_at),
        (off((made.waist + made.hem) / 2 + 0.4), (made.waist_at + made.bottom) / 2),
        (off(made.hem), made.bottom - 0.6),
        (off(0.0), made.bottom + 0.2),
    )
    return smooth(pencil.wobble(both_sides(half), 0.1), corners=(1, 2, 7, 10, 15, 16))


def _straps(pencil: Pencil, made: _Dress) -> list[Stroke]:
    strap = pencil.path(
        (off(made.neck * 0.9), made.top), (off(made.neck * 1.2), made.shoulder_at + 0.6)
    )
    width = pencil.between(0.6, 1.3)
    visible = made.kind == _STRAPS
    return [Line(side, made.tone, width, visible) for side in (strap, mirrored(strap))]


def _sleeves(pencil: Pencil, made: _Dress) -> list[Stroke]:
    long = made.kind == _LONG
    end = made.top + np.where(long, pencil.between(13, 18), pencil.between(5.5, 8.5))
    reach = made.bust + np.where(long, pencil.between(2.6, 4.2), pencil.between(1.6, 3.4))
    sleeve = pencil.path(
        (off(made.shoulder - 1.0), made.top + 0.5),
        (off(made.shoulder + 0.6), made.top + 1.5),
        (off(reach), end - 0.5),
        (off(reach - np.where(long, 1.7, 2.2)), end + 0.4),
        (off(made.bust - 0.6), made.top + 6.5),
    )
    outline = smooth(pencil.wobble(sleeve, 0.1), corners=(2, 3, 4))
    shade = made.tone * pencil.between(0.82, 1.0)
    visible = made.kind >= _SHORT
    return [Shape(side, shade, visible=visible) for side in (outline, mirrored(outline))]


def _waist_seam(pencil: Pencil, made: _Dress) -> list[Stroke]:
    """A seam, or a narrow belt."""
    y = made.waist_at
    seam = pencil.path((off(-made.waist), y), (off(0.0), y + 0.4), (off(made.waist), y))
    shade = np.minimum(255, made.tone * pencil.between(0.3, 1.3))
    return [Line(seam, shade, pencil.between(0.5, 1.6), pencil.chance(0.55))]


def _skirt_folds(pencil: Pencil, made: _Dress) -> list[Stroke]:
    folds: list[Stroke] = []
    visible = pencil.chance(0.6)
    for share in (-0.6, -0.2, 0.2, 0.6):
        x = share + pencil.near(0, 0.08)
        fold = pencil.path(
            (off(x * made.waist), made.waist_at + pencil.between(0.5, 4)),
            (off(x * made.hem), made.bottom - 0.4),
        )
        folds.append(Line(fold, made.tone * pencil.between(0.6, 0.9), 0.6, visible))
    return folds

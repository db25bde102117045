"""Dresses: narrow at the top, one piece down to the hem."""

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
    both_sides,
    mirrored,
)


def dress(pencil: Pencil) -> list[Stroke]:
    """Straps, no sleeves, short or long sleeves; a waist; a straight or flared skirt with folds."""
    tone, top, bottom = pencil.cloth(), pencil.near(1.6, 0.4), pencil.near(26.6, 0.4)
    sleeve_kind = pencil.kind(0.42, 0.18, 0.28, 0.12)
    bust = pencil.near(4.0, 0.5)
    waist_at = pencil.near(11.0, 1.0)
    waist = bust - pencil.between(0.0, 1.3)
    hem = waist + np.where(pencil.chance(0.55), pencil.between(1.8, 5.5), pencil.between(0.0, 1.6))
    straps = sleeve_kind == 1
    shoulder_at = np.where(straps, top + 3.2, top)
    neck = np.where(straps, bust * 0.55, pencil.near(2.0, 0.25))
    shoulder = np.where(straps, bust * 0.92, bust + pencil.near(-0.1, 0.2))
    half = pencil.path(
        (MIDDLE, shoulder_at + pencil.between(0.6, 3.4)),
        (MIDDLE + neck, shoulder_at),
        (MIDDLE + shoulder, shoulder_at + 0.9),
        (MIDDLE + bust - 0.4, top + 4.2),
        (MIDDLE + bust, top + 6.0),
        (MIDDLE + waist, waist_at),
        (MIDDLE + (waist + hem) / 2 + 0.4, (waist_at + bottom) / 2),
        (MIDDLE + hem, bottom - 0.6),
        (MIDDLE, bottom + 0.2),
    )
    outline = smooth(pencil.wobble(both_sides(half), 0.1), corners=(1, 2, 7, 10, 15, 16))
    return [
        *_straps(pencil, top, shoulder_at, neck, tone, straps),
        *_sleeves(pencil, top, shoulder, bust, tone, sleeve_kind),
        Shape(outline, tone, rim=pencil.between(0.6, 0.9)),
        *_waist_seam(pencil, waist, waist_at, tone),
        *_skirt_folds(pencil, waist, waist_at, hem, bottom, tone),
    ]


def _straps(
    pencil: Pencil,
    top: Numbers,
    low: Numbers,
    neck: Numbers,
    tone: Numbers,
    visible: Mask,
) -> list[Stroke]:
    strap = pencil.path((MIDDLE + neck * 0.9, top), (MIDDLE + neck * 1.2, low + 0.6))
    width = pencil.between(0.6, 1.3)
    return [Line(side, tone, width, visible) for side in (strap, mirrored(strap))]


def _sleeves(
    pencil: Pencil,
    top: Numbers,
    shoulder: Numbers,
    bust: Numbers,
    tone: Numbers,
    kind: Kinds,
) -> list[Stroke]:
    long = kind == 3
    end = top + np.where(long, pencil.between(13, 18), pencil.between(5.5, 8.5))
    reach = bust + np.where(long, pencil.between(2.6, 4.2), pencil.between(1.6, 3.4))
    cuff = np.where(long, 1.7, 2.2)
    sleeve = pencil.path(
        (MIDDLE + shoulder - 1.0, top + 0.5),
        (MIDDLE + shoulder + 0.6, top + 1.5),
        (MIDDLE + reach, end - 0.5),
        (MIDDLE + reach - cuff, end + 0.4),
        (MIDDLE + bust - 0.6, top + 6.5),
    )
    outline = smooth(pencil.wobble(sleeve, 0.1), corners=(2, 3, 4))
    shade = tone * pencil.between(0.82, 1.0)
    return [Shape(side, shade, visible=kind >= 2) for side in (outline, mirrored(outline))]


def _waist_seam(pencil: Pencil, waist: Numbers, at: Numbers, tone: Numbers) -> list[Stroke]:
    seam = pencil.path((MIDDLE - waist, at), (MIDDLE, at + 0.4), (MIDDLE + waist, at))
    shade = np.minimum(255, tone * pencil.between(0.3, 1.3))
    return [Line(seam, shade, pencil.between(0.5, 1.6), pencil.chance(0.55))]


def _skirt_folds(
    pencil: Pencil,
    waist: Numbers,
    at: Numbers,
    hem: Numbers,
    bottom: Numbers,
    tone: Numbers,
) -> list[Stroke]:
    folds: list[Stroke] = []
    visible = pencil.chance(0.6)
    for share in (-0.6, -0.2, 0.2, 0.6):
        x = share + pencil.near(0, 0.08)
        fold = pencil.path(
            (MIDDLE + x * waist, at + pencil.between(0.5, 4)), (MIDDLE + x * hem, bottom - 0.4)
        )
        folds.append(Line(fold, tone * pencil.between(0.6, 0.9), 0.6, visible))
    return folds

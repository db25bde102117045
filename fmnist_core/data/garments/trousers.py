"""Trousers: a waistband and two legs."""

from __future__ import annotations

import numpy as np

from fmnist_core.data.garments.splines import smooth
from fmnist_core.data.garments.strokes import MIDDLE, Line, Numbers, Pencil, Shape, Stroke, mirrored


def trousers(pencil: Pencil) -> list[Stroke]:
    """Straight, narrow or flared legs that part below the hips, a waistband, a fly, pockets."""
    tone, top, bottom = pencil.cloth(), pencil.near(1.2, 0.3), pencil.near(26.8, 0.4)
    waist = pencil.near(3.7, 0.45)
    hips = waist + pencil.between(0.5, 1.4)
    crotch = top + pencil.near(8.0, 0.7)
    stance = pencil.between(0.0, 1.3)
    foot_outer = hips + stance + pencil.near(0.0, 0.5)
    foot_inner = foot_outer - pencil.between(2.0, 3.9)
    foot_inner = np.maximum(0.35, foot_inner)
    knee_at = (crotch + bottom) / 2
    leg = pencil.path(
        (MIDDLE - 0.2, top + 0.2),
        (MIDDLE + waist, top),
        (MIDDLE + hips, top + 5.5),
        (MIDDLE + (hips + foot_outer) / 2 + pencil.near(-0.2, 0.25), knee_at),
        (MIDDLE + foot_outer, bottom),
        (MIDDLE + foot_inner, bottom + pencil.near(0, 0.2)),
        (MIDDLE + foot_inner * 0.6 + pencil.between(0.1, 0.5), knee_at),
        (MIDDLE + pencil.between(0.0, 0.25), crotch),
        (MIDDLE - 0.2, crotch - 1.5),
    )
    right = smooth(pencil.wobble(leg, 0.08), corners=(0, 1, 4, 5, 7, 8))
    left = mirrored(smooth(pencil.wobble(leg, 0.08), corners=(0, 1, 4, 5, 7, 8)))
    rim = pencil.between(0.6, 0.92)
    return [
        Shape(right, tone, rim=rim),
        Shape(left, tone * pencil.between(0.93, 1.05), rim=rim),
        *_waistband(pencil, top, waist, tone),
        *_fly_and_pockets(pencil, top, waist, hips, crotch, tone),
        *_creases(pencil, hips, foot_outer, foot_inner, crotch, bottom, tone),
    ]


def _waistband(pencil: Pencil, top: Numbers, waist: Numbers, tone: Numbers) -> list[Stroke]:
    y = top + pencil.between(1.2, 1.8)
    band = pencil.path((MIDDLE - waist - 0.1, y), (MIDDLE + waist + 0.1, y))
    return [Line(band, tone * pencil.between(0.35, 0.75), 0.7, pencil.chance(0.8))]


def _fly_and_pockets(
    pencil: Pencil,
    top: Numbers,
    waist: Numbers,
    hips: Numbers,
    crotch: Numbers,
    tone: Numbers,
) -> list[Stroke]:
    shade = tone * pencil.between(0.45, 0.8)
    fly = pencil.path((MIDDLE, top + 1.6), (MIDDLE, crotch))
    pocket = pencil.path((MIDDLE + waist * 0.55, top + 1.8), (MIDDLE + hips - 0.3, top + 4.6))
    visible = pencil.chance(0.6)
    return [
        Line(fly, shade, 0.6),
        Line(pocket, shade, 0.5, visible),
        Line(mirrored(pocket), shade, 0.5, visible),
    ]


def _creases(
    pencil: Pencil,
    hips: Numbers,
    outer: Numbers,
    inner: Numbers,
    crotch: Numbers,
    bottom: Numbers,
    tone: Numbers,
) -> list[Stroke]:
    """Ironed creases, or the bleached streak down the thigh of jeans."""
    crease = pencil.path(
        (MIDDLE + hips * 0.55, crotch - 2), (MIDDLE + (outer + inner) / 2, bottom - 1.5)
    )
    bleached = pencil.chance(0.5)
    shade = np.minimum(255, tone * np.where(bleached, 1.3, 0.75))
    width = np.where(bleached, pencil.between(0.8, 1.6), 0.5)
    visible = pencil.chance(0.55)
    return [Line(side, shade, width, visible) for side in (crease, mirrored(crease))]

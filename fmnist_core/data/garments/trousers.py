"""Trousers: a waistband and two legs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fmnist_core.data.garments.splines import Points, smooth
from fmnist_core.data.garments.strokes import Line, Numbers, Pencil, Shape, Stroke, mirrored, off


@dataclass(frozen=True, eq=False)
class _Trousers:
    """Half widths from the middle line, and heights, of n pairs."""

    tone: Numbers
    top: Numbers
    crotch: Numbers
    bottom: Numbers
    waist: Numbers
    hips: Numbers
    outer: Numbers
    inner: Numbers


def trousers(pencil: Pencil) -> list[Stroke]:
    """Straight, narrow or flared legs that part below the hips, a waistband, a fly, pockets."""
    pair = _measures(pencil)
    rim = pencil.between(0.6, 0.92)
    return [
        Shape(_leg(pencil, pair), pair.tone, rim=rim),
        Shape(mirrored(_leg(pencil, pair)), pair.tone * pencil.between(0.93, 1.05), rim=rim),
        *_waistband(pencil, pair),
        *_fly_and_pockets(pencil, pair),
        *_creases(pencil, pair),
    ]


def _measures(pencil: Pencil) -> _Trousers:
    top, waist = pencil.near(1.2, 0.3), pencil.near(3.7, 0.45)
    hips = waist + pencil.between(0.5, 1.4)
    outer = hips + pencil.between(0.0, 1.3) + pencil.near(0.0, 0.5)
    return _Trousers(
        tone=pencil.cloth(),
        top=top,
        crotch=top + pencil.near(8.0, 0.7),
        bottom=pencil.near(26.8, 0.4),
        waist=waist,
        hips=hips,
        outer=outer,
        inner=np.maximum(0.35, outer - pencil.between(2.0, 3.9)),
    )


def _leg(pencil: Pencil, pair: _Trousers) -> Points:
    knee = (pair.crotch + pair.bottom) / 2
    outline = pencil.path(
        (off(-0.2), pair.top + 0.2),
        (off(pair.waist), pair.top),
        (off(pair.hips), pair.top + 5.5),
        (off((pair.hips + pair.outer) / 2 + pencil.near(-0.2, 0.25)), knee),
        (off(pair.outer), pair.bottom),
        (off(pair.inner), pair.bottom + pencil.near(0, 0.2)),
        (off(pair.inner * 0.6 + pencil.between(0.1, 0.5)), knee),
        (off(pencil.between(0.0, 0.25)), pair.crotch),
        (off(-0.2), pair.crotch - 1.5),
    )
    return smooth(pencil.wobble(outline, 0.08), corners=(0, 1, 4, 5, 7, 8))


def _waistband(pencil: Pencil, pair: _Trousers) -> list[Stroke]:
    y = pair.top + pencil.between(1.2, 1.8)
    band = pencil.path((off(-pair.waist - 0.1), y), (off(pair.waist + 0.1), y))
    return [Line(band, pair.tone * pencil.between(0.35, 0.75), 0.7, pencil.chance(0.8))]


def _fly_and_pockets(pencil: Pencil, pair: _Trousers) -> list[Stroke]:
    shade = pair.tone * pencil.between(0.45, 0.8)
    fly = pencil.path((off(0.0), pair.top + 1.6), (off(0.0), pair.crotch))
    pocket = pencil.path(
        (off(pair.waist * 0.55), pair.top + 1.8), (off(pair.hips - 0.3), pair.top + 4.6)
    )
    visible = pencil.chance(0.6)
    return [
        Line(fly, shade, 0.6),
        *(Line(side, shade, 0.5, visible) for side in (pocket, mirrored(pocket))),
    ]


def _creases(pencil: Pencil, pair: _Trousers) -> list[Stroke]:
    """Ironed creases, or the bleached streak down the thigh of jeans."""
    crease = pencil.path(
        (off(pair.hips * 0.55), pair.crotch - 2),
        (off((pair.outer + pair.inner) / 2), pair.bottom - 1.5),
    )
    bleached = pencil.chance(0.5)
    shade = np.minimum(255, pair.tone * np.where(bleached, 1.3, 0.75))
    width = np.where(bleached, pencil.between(0.8, 1.6), 0.5)
    visible = pencil.chance(0.55)
    return [Line(side, shade, width, visible) for side in (crease, mirrored(crease))]

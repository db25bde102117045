"""What covers the upper body: T-shirts, pullovers, coats, shirts.

All four are one cut with different measures: at 28 pixels that is what makes them hard to tell
apart, in the real data as here.
"""

from __future__ import annotations

import numpy as np

from fmnist_core.data.garments.cut import Cut, random_cut
from fmnist_core.data.garments.splines import Points, smooth
from fmnist_core.data.garments.strokes import Pencil, Shape, Stroke, both_sides, mirrored, off
from fmnist_core.data.garments.trimmings import (
    belt,
    buttons,
    chest_pocket,
    chest_print,
    collar,
    lapels,
    neckline,
    opening,
    placket,
    pockets,
    ribs,
    roll_neck,
)


def tshirt(pencil: Pencil) -> list[Stroke]:
    """Short sleeves (now and then none, or three quarters), a round or V neck, often a print."""
    cut = random_cut(pencil, sleeves=(0.85, 0.05, 0.10))
    return [
        *_sleeves(pencil, cut),
        *_body(pencil, cut),
        *neckline(pencil, cut),
        *chest_print(pencil, cut, pencil.chance(0.4)),
    ]


def pullover(pencil: Pencil) -> list[Stroke]:
    """Long sleeves, ribbed cuffs and hem, a round neck, roll neck or hood, no opening."""
    cut = random_cut(pencil, sleeves=(0.03, 0.92, 0.05), widen=0.5)
    return [
        *_sleeves(pencil, cut),
        *_body(pencil, cut),
        *ribs(pencil, cut),
        *roll_neck(pencil, cut),
        *neckline(pencil, cut),
        *chest_print(pencil, cut, pencil.chance(0.22)),
        *opening(pencil, cut, pencil.chance(0.06)),
    ]


def coat(pencil: Pencil) -> list[Stroke]:
    """Long and wide, open all the way down the front, with lapels, pockets, buttons or a zip."""
    cut = random_cut(pencil, sleeves=(0.0, 0.97, 0.03), widen=0.8, lengthen=1.0)
    return [
        *_sleeves(pencil, cut),
        *_body(pencil, cut),
        *opening(pencil, cut, pencil.chance(0.93)),
        *lapels(pencil, cut),
        *buttons(pencil, cut, pencil.chance(0.45), beside=0.9),
        *pockets(pencil, cut, pencil.chance(0.65)),
        *belt(pencil, cut, pencil.chance(0.2)),
    ]


def shirt(pencil: Pencil) -> list[Stroke]:
    """A collar and a row of buttons; sleeves long or short."""
    cut = random_cut(pencil, sleeves=(0.27, 0.63, 0.10), widen=0.2)
    return [
        *_sleeves(pencil, cut),
        *_body(pencil, cut),
        *placket(pencil, cut, pencil.chance(0.85)),
        *collar(pencil, cut, pencil.chance(0.88)),
        *chest_pocket(pencil, cut, pencil.chance(0.35)),
    ]


def _body(pencil: Pencil, cut: Cut) -> list[Stroke]:
    half = pencil.path(
        (off(0.0), cut.top + cut.neck_depth),
        (off(cut.neck * 0.75), cut.top + cut.neck_depth * 0.6),
        (off(cut.neck), cut.top),
        (off(cut.shoulder), cut.top + 2.0),
        (off(cut.chest - 0.2), cut.armhole - 2.5),
        (off(cut.chest), cut.armhole),
        (off(cut.waist), (cut.armhole + cut.bottom) / 2),
        (off(cut.hem), cut.bottom - 0.3),
        (off(0.0), cut.bottom),
    )
    outline = pencil.wobble(both_sides(half), 0.12)
    corners = (2, 3, 7, 10, 14, 15)
    return [Shape(smooth(outline, corners=corners), cut.tone, rim=pencil.between(0.55, 0.9))]


def _sleeves(pencil: Pencil, cut: Cut) -> list[Stroke]:
    visible = cut.sleeve > cut.top + 4
    tone = cut.tone * pencil.between(0.82, 1.02)
    rim = pencil.between(0.55, 0.9)
    right = _sleeve(pencil, cut)
    left = mirrored(_sleeve(pencil, cut))
    return [Shape(side, tone, rim=rim, visible=visible) for side in (right, left)]


def _sleeve(pencil: Pencil, cut: Cut) -> Points:
    reach = np.minimum(13.6, cut.reach + pencil.near(0, 0.35))
    end = cut.sleeve + pencil.near(0, 0.25)
    # A short sleeve ends on a slant, a long one hangs and ends level.
    slant = np.clip((cut.bottom - end) / 12, 0, 1)
    elbow = (cut.top + end) / 2
    outline = pencil.path(
        (off(cut.shoulder - 1.2), cut.top + 1.3),
        (off(cut.shoulder + 0.6), cut.top + 2.3),
        (off(cut.shoulder * 0.42 + reach * 0.58), elbow),
        (off(reach), end - slant * 0.9),
        (off(reach - cut.cuff), end + slant * 1.1),
        (off((cut.chest + reach - cut.cuff) / 2 + 0.3), (cut.armhole + end) / 2 + 0.4),
        (off(cut.chest - 0.5), cut.armhole + 0.4),
        (off(cut.chest - 1.5), cut.armhole - 2),
    )
    return smooth(pencil.wobble(outline, 0.1), corners=(3, 4, 6))

"""Draws tops: T-shirts, pullovers, coats and shirts, with collars, buttons, pockets and prints.

All four are one cut with different measures: at 28 pixels that is what makes them hard to tell
apart, in the real data as here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.datasets.garments.strokes import (
    Line,
    Mask,
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


def tshirt(pencil: Pencil) -> list[Stroke]:
    """Short sleeves (now and then none, or three quarters), a round or V neck, often a print."""
    cut = _random_cut(pencil, sleeves=(0.85, 0.05, 0.10))
    return [
        *_sleeves(pencil, cut),
        *_body(pencil, cut),
        *_neckline(pencil, cut),
        *_chest_print(pencil, cut, pencil.chance(0.4)),
    ]


def pullover(pencil: Pencil) -> list[Stroke]:
    """Long sleeves, ribbed cuffs and hem, a round neck, roll neck or hood, no opening."""
    cut = _random_cut(pencil, sleeves=(0.03, 0.92, 0.05), widen=0.5)
    return [
        *_sleeves(pencil, cut),
        *_body(pencil, cut),
        *_ribs(pencil, cut),
        *_roll_neck(pencil, cut),
        *_neckline(pencil, cut),
        *_chest_print(pencil, cut, pencil.chance(0.22)),
        *_opening(pencil, cut, pencil.chance(0.06)),
    ]


def coat(pencil: Pencil) -> list[Stroke]:
    """Long and wide, open all the way down the front, with lapels, pockets, buttons or a zip."""
    cut = _random_cut(pencil, sleeves=(0.0, 0.97, 0.03), widen=0.8, lengthen=1.0)
    return [
        *_sleeves(pencil, cut),
        *_body(pencil, cut),
        *_opening(pencil, cut, pencil.chance(0.93)),
        *_lapels(pencil, cut),
        *_buttons(pencil, cut, pencil.chance(0.45), beside=0.9),
        *_pockets(pencil, cut, pencil.chance(0.65)),
        *belt(pencil, cut, pencil.chance(0.2)),
    ]


def shirt(pencil: Pencil) -> list[Stroke]:
    """A collar and a row of buttons; sleeves long or short."""
    cut = _random_cut(pencil, sleeves=(0.27, 0.63, 0.10), widen=0.2)
    return [
        *_sleeves(pencil, cut),
        *_body(pencil, cut),
        *_placket(pencil, cut, pencil.chance(0.85)),
        *collar(pencil, cut, pencil.chance(0.88)),
        *_chest_pocket(pencil, cut, pencil.chance(0.35)),
    ]


def _body(pencil: Pencil, cut: _Cut) -> list[Stroke]:
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


def _sleeves(pencil: Pencil, cut: _Cut) -> list[Stroke]:
    visible = cut.sleeve > cut.top + 4
    tone = cut.tone * pencil.between(0.82, 1.02)
    rim = pencil.between(0.55, 0.9)
    right = _sleeve(pencil, cut)
    left = mirrored(_sleeve(pencil, cut))
    return [Shape(side, tone, rim=rim, visible=visible) for side in (right, left)]


def _sleeve(pencil: Pencil, cut: _Cut) -> Points:
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


def _neckline(pencil: Pencil, cut: _Cut) -> list[Stroke]:
    """The back of the neckline, seen through the opening, and its hem."""
    depth = cut.top + cut.neck_depth
    front = smooth(
        pencil.path((off(-cut.neck), cut.top), (off(0.0), depth + 0.3), (off(cut.neck), cut.top)),
        closed=False,
    )
    back = pencil.path(
        (off(-cut.neck), cut.top),
        (off(cut.neck), cut.top),
        (off(0.0), cut.top + cut.neck_depth * 0.9),
    )
    seen = pencil.chance(0.6)
    return [
        Shape(smooth(back, corners=(0, 1)), cut.tone * 0.45, rim_width=0, visible=seen),
        Line(front, cut.tone * pencil.between(0.5, 1.25), width=0.8),
    ]


def _chest_print(pencil: Pencil, cut: _Cut, visible: Mask) -> list[Stroke]:
    """A picture or lettering on the chest."""
    x, y = off(pencil.near(0, 0.4)), cut.top + pencil.between(6.5, 9.5)
    width, height = pencil.between(1.3, 4.0), pencil.between(0.6, 3.0)
    light = cut.tone > 140
    tone = np.where(light, cut.tone * pencil.between(0.15, 0.6), pencil.between(180, 255))
    spots = [(-1.0, -0.8), (0.0, -1.0), (1.0, -0.8), (0.9, 0.8), (0.0, 1.0), (-1.0, 0.9)]
    outline = pencil.path(*((x + a * width, y + b * height) for a, b in spots))
    bar = pencil.path((x - width * 0.7, y), (x + width * 0.7, y))
    return [
        Shape(
            smooth(pencil.wobble(outline, 0.35), corners=(0, 2, 3, 5)),
            tone,
            rim_width=0,
            visible=visible,
        ),
        Line(bar, cut.tone, width=0.7, visible=visible & pencil.chance(0.6)),
    ]


def _ribs(pencil: Pencil, cut: _Cut) -> list[Stroke]:
    """Ribbed hem and cuffs: a band set off by a dark seam."""
    high = pencil.between(1.2, 2.4)
    tone = cut.tone * pencil.between(0.5, 0.8)
    visible = pencil.chance(0.75)
    hem = pencil.path(
        (off(-cut.hem + 0.2), cut.bottom - high),
        (off(0.0), cut.bottom - high + 0.3),
        (off(cut.hem - 0.2), cut.bottom - high),
    )
    cuff = pencil.path(
        (off(cut.reach - cut.cuff + 0.1), cut.sleeve - high),
        (off(cut.reach - 0.2), cut.sleeve - high),
    )
    return [Line(part, tone, 0.6, visible) for part in (hem, cuff, mirrored(cuff))]


def _roll_neck(pencil: Pencil, cut: _Cut) -> list[Stroke]:
    """A roll neck or a hood lying on the shoulders."""
    kind = pencil.kind(0.62, 0.22, 0.16)
    wide = np.where(kind == 1, cut.neck + 0.2, cut.neck + 1.6)
    low = np.where(kind == 1, cut.top + 1.2, cut.top + 2.6)
    collar = pencil.path(
        (off(-wide * 0.85), np.maximum(0.4, cut.top - 1.4)),
        (off(wide * 0.85), np.maximum(0.4, cut.top - 1.4)),
        (off(wide), low - 0.6),
        (off(0.0), low + 0.8),
        (off(-wide), low - 0.6),
    )
    tone = cut.tone * pencil.between(0.75, 1.05)
    return [Shape(smooth(collar, corners=(0, 1)), tone, rim=0.6, visible=kind > 0)]


def _opening(pencil: Pencil, cut: _Cut, visible: Mask) -> list[Stroke]:
    """The dark line where the two halves of the front meet, or the gap of a coat worn open."""
    lean = pencil.near(0, 0.4)
    line = pencil.path(
        (off(lean * 0.3), cut.top + cut.neck_depth),
        (off(lean), (cut.top + cut.bottom) / 2),
        (off(lean), cut.bottom),
    )
    tone = cut.tone * pencil.between(0.1, 0.6)
    gape = pencil.between(0.3, 1.8)
    gap = pencil.path(
        (off(lean * 0.3), cut.top + cut.neck_depth),
        (off(lean + gape), cut.bottom + 0.4),
        (off(lean - gape), cut.bottom + 0.4),
    )
    worn_open = visible & pencil.chance(0.3)
    return [
        Line(smooth(line, closed=False), tone, pencil.between(0.5, 1.0), visible),
        Shape(gap, 1.0, rim_width=0, visible=worn_open),
    ]


def _lapels(pencil: Pencil, cut: _Cut) -> list[Stroke]:
    """Two folded flaps from the neck down to the first button, or a stand-up collar."""
    low = cut.top + pencil.between(4.0, 9.0)
    wide = cut.neck + pencil.between(0.3, 1.5)
    flap = pencil.path(
        (off(cut.neck * 0.5), np.maximum(0.5, cut.top - 0.8)),
        (off(wide), cut.top + 1.2),
        (off(wide * 0.8), cut.top + 3.2),
        (off(0.1), low),
    )
    tone = cut.tone * pencil.between(0.7, 1.15)
    visible = pencil.chance(0.75)
    dark = pencil.path(
        (off(-cut.neck * 0.6), np.maximum(0.5, cut.top - 0.6)),
        (off(cut.neck * 0.6), np.maximum(0.5, cut.top - 0.6)),
        (off(0.0), low - 0.5),
    )
    return [
        Shape(dark, cut.tone * 0.4, rim_width=0, visible=visible),
        Shape(flap, tone, rim=0.5, visible=visible),
        Shape(mirrored(flap), tone, rim=0.5, visible=visible),
    ]


def _buttons(pencil: Pencil, cut: _Cut, visible: Mask, *, beside: float = 0.0) -> list[Stroke]:
    """A column of four to five dots."""
    dark = pencil.chance(0.6)
    tone = np.where(dark, cut.tone * 0.3, np.minimum(255, cut.tone * 1.5))
    column = []
    for share in (0.3, 0.46, 0.62, 0.78):
        y = cut.top + share * (cut.bottom - cut.top)
        x = off(beside)
        column.append(Line(pencil.path((x - 0.3, y), (x + 0.4, y)), tone, 0.8, visible))
    return [*column]


def _pockets(pencil: Pencil, cut: _Cut, visible: Mask) -> list[Stroke]:
    y = cut.bottom - pencil.between(6.0, 9.0)
    slant = pencil.between(-1.2, 0.3)
    pocket = pencil.path((off(2.3), y), (off(5.0), y + slant))
    tone = cut.tone * pencil.between(0.3, 0.65)
    return [Line(side, tone, 0.7, visible) for side in (pocket, mirrored(pocket))]


def belt(pencil: Pencil, cut: _Cut, visible: Mask) -> list[Stroke]:
    y = (cut.armhole + cut.bottom) / 2 + pencil.near(0, 0.6)
    belt = pencil.path((off(-cut.waist), y), (off(cut.waist), y))
    return [Line(belt, cut.tone * pencil.between(0.3, 0.7), pencil.between(0.8, 1.6), visible)]


def _placket(pencil: Pencil, cut: _Cut, visible: Mask) -> list[Stroke]:
    """The strip that carries the buttons: a seam on one side, dots on it."""
    line = pencil.path((off(0.8), cut.top + 1.5), (off(0.8), cut.bottom))
    tone = cut.tone * pencil.between(0.55, 0.88)
    return [Line(line, tone, 0.5, visible), *_buttons(pencil, cut, visible)]


def collar(pencil: Pencil, cut: _Cut, visible: Mask) -> list[Stroke]:
    """Two pointed leaves that leave a dark V between them."""
    drop = pencil.between(2.2, 3.8)
    wide = cut.neck + pencil.between(0.0, 0.7)
    up = np.maximum(0.5, cut.top - 0.9)
    leaf = pencil.path(
        (off(wide * 0.75), up),
        (off(wide + 0.2), cut.top + 1.0),
        (off(wide * 0.55), cut.top + drop),
        (off(0.1), cut.top + 1.9),
    )
    shadow = pencil.path((off(-wide * 0.7), up), (off(wide * 0.7), up), (off(0.0), cut.top + 2.6))
    tone = np.minimum(255, cut.tone * pencil.between(0.85, 1.2))
    rim = pencil.between(0.4, 0.65)
    return [
        Shape(shadow, cut.tone * 0.35, rim_width=0, visible=visible),
        Shape(leaf, tone, rim=rim, visible=visible),
        Shape(mirrored(leaf), tone, rim=rim, visible=visible),
    ]


def _chest_pocket(pencil: Pencil, cut: _Cut, visible: Mask) -> list[Stroke]:
    y = cut.armhole + pencil.between(0.0, 1.5)
    outline = pencil.path((off(2.2), y), (off(4.8), y), (off(4.8), y + 2.6), (off(2.2), y + 2.6))
    return [Shape(outline, cut.tone * pencil.between(0.85, 1.05), rim=0.6, visible=visible)]


@dataclass(frozen=True, eq=False)
class _Cut:
    """The measures of n tops: half widths from the middle line, and heights from the top.

    Attributes:
        tone: Grey level of the cloth.
        top, bottom: Heights of neck and hem.
        neck, neck_depth: Half width and depth of the neckline.
        shoulder, chest, waist, hem: Half widths on the way down.
        armhole: Height of the armpit.
        sleeve: Height of the cuff; at or above the armhole there is no sleeve.
        reach: Half width at which the sleeve ends.
        cuff: Width of the sleeve's end.
    """

    tone: Numbers
    top: Numbers
    bottom: Numbers
    neck: Numbers
    neck_depth: Numbers
    shoulder: Numbers
    chest: Numbers
    waist: Numbers
    hem: Numbers
    armhole: Numbers
    sleeve: Numbers
    reach: Numbers
    cuff: Numbers


def _random_cut(
    pencil: Pencil,
    *,
    sleeves: tuple[float, float, float],
    widen: float = 0.0,
    lengthen: float = 0.0,
) -> _Cut:
    """Measures with shares of short, long and three-quarter sleeves."""
    top = pencil.near(2.2, 0.4)
    armhole = top + pencil.near(7.2, 0.5)
    chest = pencil.near(6.1, 0.55) + widen
    waist = chest + pencil.near(-0.2, 0.35)
    bottom = np.minimum(27.0, pencil.near(25.6, 0.9) + lengthen)
    kind = pencil.kind(*sleeves)
    return _Cut(
        tone=pencil.cloth(),
        top=top,
        bottom=bottom,
        neck=pencil.near(2.9, 0.35),
        neck_depth=pencil.between(1.0, 3.6),
        shoulder=chest + pencil.near(0.2, 0.3),
        chest=chest,
        waist=waist,
        hem=waist + pencil.near(0.35, 0.35) + lengthen * 0.4,
        armhole=armhole,
        sleeve=_pick(kind, top + pencil.near(8.2, 0.8), bottom - pencil.between(-0.6, 3.2))
        - np.where(kind == 2, pencil.between(5, 8), 0),
        reach=_pick(kind, pencil.near(10.6, 0.7), pencil.near(10.6, 0.9)) + widen * 0.5,
        cuff=_pick(kind, pencil.near(3.4, 0.4), pencil.near(2.3, 0.3)),
    )


def _pick(kind: NDArray[np.int64], short: Numbers, long: Numbers) -> Numbers:
    return np.where(kind == 0, short, long)

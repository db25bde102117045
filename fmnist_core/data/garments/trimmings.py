"""What is sewn onto tops: necklines, collars, buttons, pockets, prints."""

from __future__ import annotations

import numpy as np

from fmnist_core.data.garments.cut import Cut
from fmnist_core.data.garments.splines import smooth
from fmnist_core.data.garments.strokes import Line, Mask, Pencil, Shape, Stroke, mirrored, off


def neckline(pencil: Pencil, cut: Cut) -> list[Stroke]:
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


def chest_print(pencil: Pencil, cut: Cut, visible: Mask) -> list[Stroke]:
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


def ribs(pencil: Pencil, cut: Cut) -> list[Stroke]:
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


def roll_neck(pencil: Pencil, cut: Cut) -> list[Stroke]:
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


def opening(pencil: Pencil, cut: Cut, visible: Mask) -> list[Stroke]:
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


def lapels(pencil: Pencil, cut: Cut) -> list[Stroke]:
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


def buttons(pencil: Pencil, cut: Cut, visible: Mask, *, beside: float = 0.0) -> list[Stroke]:
    """A column of four to five dots."""
    dark = pencil.chance(0.6)
    tone = np.where(dark, cut.tone * 0.3, np.minimum(255, cut.tone * 1.5))
    column = []
    for share in (0.3, 0.46, 0.62, 0.78):
        y = cut.top + share * (cut.bottom - cut.top)
        x = off(beside)
        column.append(Line(pencil.path((x - 0.3, y), (x + 0.4, y)), tone, 0.8, visible))
    return [*column]


def pockets(pencil: Pencil, cut: Cut, visible: Mask) -> list[Stroke]:
    y = cut.bottom - pencil.between(6.0, 9.0)
    slant = pencil.between(-1.2, 0.3)
    pocket = pencil.path((off(2.3), y), (off(5.0), y + slant))
    tone = cut.tone * pencil.between(0.3, 0.65)
    return [Line(side, tone, 0.7, visible) for side in (pocket, mirrored(pocket))]


def belt(pencil: Pencil, cut: Cut, visible: Mask) -> list[Stroke]:
    y = (cut.armhole + cut.bottom) / 2 + pencil.near(0, 0.6)
    belt = pencil.path((off(-cut.waist), y), (off(cut.waist), y))
    return [Line(belt, cut.tone * pencil.between(0.3, 0.7), pencil.between(0.8, 1.6), visible)]


def placket(pencil: Pencil, cut: Cut, visible: Mask) -> list[Stroke]:
    """The strip that carries the buttons: a seam on one side, dots on it."""
    line = pencil.path((off(0.8), cut.top + 1.5), (off(0.8), cut.bottom))
    tone = cut.tone * pencil.between(0.55, 0.88)
    return [Line(line, tone, 0.5, visible), *buttons(pencil, cut, visible)]


def collar(pencil: Pencil, cut: Cut, visible: Mask) -> list[Stroke]:
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


def chest_pocket(pencil: Pencil, cut: Cut, visible: Mask) -> list[Stroke]:
    y = cut.armhole + pencil.between(0.0, 1.5)
    outline = pencil.path((off(2.2), y), (off(4.8), y), (off(4.8), y + 2.6), (off(2.2), y + 2.6))
    return [Shape(outline, cut.tone * pencil.between(0.85, 1.05), rim=0.6, visible=visible)]

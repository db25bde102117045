"""Sneakers and ankle boots from the side. The toe points left, as on most photos."""

from __future__ import annotations

import numpy as np

from fmnist_core.data.garments.splines import smooth
from fmnist_core.data.garments.strokes import Line, Mask, Numbers, Pencil, Shape, Stroke


def sneaker(pencil: Pencil) -> list[Stroke]:
    """A low shoe on a thick sole, with laces and a stripe; some reach above the ankle."""
    tone, ground = pencil.cloth(), pencil.near(20.3, 0.6)
    sole = pencil.between(1.6, 2.8)
    high = np.where(pencil.chance(0.12), pencil.between(3.0, 6.0), 0.0)
    toe, heel = pencil.near(1.6, 0.4), pencil.near(26.4, 0.4)
    collar = ground - pencil.near(10.0, 0.7) - high
    throat = pencil.near(12.6, 0.9)
    floor = ground - sole
    upper = pencil.path(
        (toe + 0.5, floor + 0.3),
        (toe + 0.4, floor - pencil.between(1.2, 2.2)),
        (toe + 3.4, floor - pencil.between(2.6, 3.6)),
        (throat - 3.4, floor - pencil.between(4.2, 5.2)),
        (throat + 1.8, collar + 1.8),
        (throat + 3.4, collar),
        (throat + 7.0, collar + pencil.between(0.6, 2.0)),
        (heel - 1.6, collar + pencil.between(-0.8, 0.8)),
        (heel - 0.7, collar + 2.2),
        (heel - 0.9, floor + 0.3),
    )
    return [
        Shape(smooth(pencil.wobble(upper, 0.1), corners=(0, 5, 9)), tone, rim=0.7),
        *_opening(pencil, throat, collar, heel, tone),
        *_side_stripe(pencil, floor, tone),
        *_caps(pencil, toe, heel, floor, collar, tone),
        *_laces(pencil, throat, floor, collar, tone, pencil.chance(0.85)),
        *_flat_sole(pencil, toe, heel, floor, ground),
    ]


def ankle_boot(pencil: Pencil) -> list[Stroke]:
    """A shoe with a shaft to above the ankle; flat or with a heel, laced, zipped or elastic."""
    tone, ground = pencil.cloth(), pencil.near(25.0, 0.6)
    heel_height = np.where(pencil.chance(0.35), pencil.between(2.5, 5.0), pencil.between(0.8, 1.8))
    toe, heel = pencil.near(2.2, 0.5), pencil.near(25.0, 0.5)
    top = pencil.between(2.2, 7.5)
    shaft = pencil.near(13.6, 0.9)
    floor = ground - 1.2
    back = ground - heel_height
    shoe = pencil.path(
        (toe, floor + 0.2),
        (toe + 0.2, floor - pencil.between(1.4, 2.4)),
        (toe + 3.8, floor - pencil.between(3.2, 4.4)),
        (shaft - 2.4, floor - pencil.between(6.0, 7.4)),
        (shaft + pencil.near(0, 0.4), (top + floor) / 2 - 1.5),
        (shaft + pencil.near(-0.3, 0.5), top),
        (heel - 0.4 + pencil.near(0, 0.4), top - pencil.between(-0.5, 1.0)),
        (heel - pencil.between(0.6, 1.6), (top + back) / 2 + 1.5),
        (heel, back),
        (heel - 6.5, back),
        (toe + 9.5, floor + 0.3),
    )
    return [
        *_heel_block(pencil, heel, back, ground, heel_height),
        Shape(smooth(pencil.wobble(shoe, 0.1), corners=(0, 5, 6, 8, 9, 10)), tone, rim=0.7),
        *_boot_sole(pencil, toe, heel, floor, back, ground),
        *_boot_side(pencil, shaft, heel, top, back, tone),
        *_cuff(pencil, shaft, heel, top, tone),
        *_laces(pencil, shaft + 0.8, floor - 1.5, top + 1.5, tone, pencil.chance(0.45)),
    ]


def _opening(
    pencil: Pencil, throat: Numbers, collar: Numbers, heel: Numbers, tone: Numbers
) -> list[Stroke]:
    """The dark inside, seen a little over the edge."""
    rim = pencil.path(
        (throat + 3.4, collar + 0.3),
        (throat + 7.0, collar + 1.6),
        (heel - 1.8, collar + 0.4),
    )
    return [Line(smooth(rim, closed=False), tone * pencil.between(0.3, 0.8), 0.8)]


def _side_stripe(pencil: Pencil, floor: Numbers, tone: Numbers) -> list[Stroke]:
    kind = pencil.kind(0.25, 0.35, 0.4)
    other = np.where(tone > 140, tone * pencil.between(0.2, 0.6), pencil.between(170, 255))
    x = pencil.near(12.5, 0.8)
    swoosh = pencil.path(
        (x - 2.5, floor - 3.2), (x + 1.0, floor - 1.6), (x + 9.0, floor - 5.6), (x + 1.5, floor - 3)
    )
    strokes: list[Stroke] = [
        Shape(smooth(swoosh, corners=(0, 2)), other, rim_width=0, visible=kind == 1)
    ]
    for step in (0.0, 2.0, 4.0):
        bar = pencil.path((x + step, floor - 5.6), (x + step + 1.8, floor - 0.6))
        strokes.append(Line(bar, other, 0.9, kind == 2))
    return strokes


def _caps(
    pencil: Pencil, toe: Numbers, heel: Numbers, floor: Numbers, collar: Numbers, tone: Numbers
) -> list[Stroke]:
    shade = np.minimum(255, tone * pencil.between(0.45, 1.35))
    cap = pencil.path((toe + 3.6, floor - 3.2), (toe + 5.0, floor - 1.4), (toe + 4.8, floor))
    counter = pencil.path(
        (heel - 4.4, collar + 1.6), (heel - 4.8, floor - 2.5), (heel - 3.4, floor)
    )
    return [
        Line(smooth(cap, closed=False), shade, 0.7, pencil.chance(0.6)),
        Line(smooth(counter, closed=False), shade, 0.7, pencil.chance(0.6)),
    ]


def _laces(
    pencil: Pencil, throat: Numbers, floor: Numbers, collar: Numbers, tone: Numbers, visible: Mask
) -> list[Stroke]:
    other = np.where(tone > 150, tone * pencil.between(0.25, 0.6), pencil.between(190, 255))
    laces: list[Stroke] = []
    low, high = floor - 5.0, collar + 1.6
    for share in (0.05, 0.35, 0.65, 0.95):
        x, y = throat - 3.0 + share * 4.2, low + share * (high - low)
        laces.append(Line(pencil.path((x - 0.2, y - 0.1), (x + 1.7, y + 1.2)), other, 0.6, visible))
    return laces


def _flat_sole(
    pencil: Pencil, toe: Numbers, heel: Numbers, floor: Numbers, ground: Numbers
) -> list[Stroke]:
    spring = pencil.between(0.0, 0.8)
    sole = pencil.path(
        (toe, floor - spring),
        (toe + 5, floor),
        (heel - 6, floor),
        (heel, floor - pencil.between(0.0, 0.8)),
        (heel - 0.2, ground - 0.3),
        (heel - 3, ground),
        (toe + 5, ground),
        (toe + 0.6, ground - spring - 0.2),
    )
    tone = np.where(pencil.chance(0.7), pencil.between(175, 250), pencil.between(50, 130))
    middle = (floor + ground) / 2
    line = pencil.path((toe + 1.5, middle), (heel - 0.8, middle))
    return [
        Shape(smooth(sole, corners=(0, 3)), tone, rim=0.6),
        Line(line, tone * 0.6, 0.5, pencil.chance(0.4)),
    ]


def _heel_block(
    pencil: Pencil, heel: Numbers, back: Numbers, ground: Numbers, height: Numbers
) -> list[Stroke]:
    thick = np.where(height > 2.2, pencil.between(2.2, 4.5), 6.0)
    block = pencil.path(
        (heel - 6.0, back - 0.4),
        (heel, back - 0.4),
        (heel - 0.3, ground),
        (heel - thick, ground),
    )
    return [Shape(block, pencil.between(45, 150), rim=0.7)]


def _boot_sole(
    pencil: Pencil, toe: Numbers, heel: Numbers, floor: Numbers, back: Numbers, ground: Numbers
) -> list[Stroke]:
    sole = pencil.path(
        (toe - 0.2, floor - 0.2),
        (toe + 9.0, floor + 0.1),
        (heel - 7.0, back - 0.4),
        (heel - 0.1, back - 0.4),
        (heel - 0.1, back + 0.5),
        (heel - 6.4, back + 0.6),
        (toe + 9.2, ground),
        (toe + 0.3, ground - 0.2),
    )
    return [Shape(smooth(sole, corners=(0, 3, 4, 7)), pencil.between(45, 170), rim=0.8)]


def _boot_side(
    pencil: Pencil, shaft: Numbers, heel: Numbers, top: Numbers, back: Numbers, tone: Numbers
) -> list[Stroke]:
    """A zip down the side, or the elastic wedge of a Chelsea boot."""
    kind = pencil.kind(0.35, 0.3, 0.35)
    x, low = (shaft + heel) / 2, back - pencil.between(5.5, 8.0)
    wedge = pencil.path((x - 2.3, top + 0.6), (x + 2.3, top + 0.6), (x + 0.7, low), (x - 0.7, low))
    zip_line = pencil.path((x + 1, top + 0.4), (x + 0.6, back - 1.5))
    seam = pencil.path((shaft - 2.5, back - 4.5), (x, back - 3.6), (heel - 0.8, back - 5.5))
    dark = tone * pencil.between(0.35, 0.7)
    return [
        Shape(wedge, dark, rim=0.8, visible=kind == 1),
        Line(zip_line, dark, 0.7, kind == 2),
        Line(smooth(seam, closed=False), tone * 0.7, 0.6, pencil.chance(0.5)),
    ]


def _cuff(
    pencil: Pencil, shaft: Numbers, heel: Numbers, top: Numbers, tone: Numbers
) -> list[Stroke]:
    cuff = pencil.path(
        (shaft - 0.8, top - 0.6),
        (heel + 0.3, top - 0.8),
        (heel + 0.2, top + 2),
        (shaft - 0.7, top + 2.2),
    )
    shade = np.minimum(255, tone * pencil.between(0.6, 1.5))
    pull = pencil.path((heel - 0.4, top + 0.5), (heel + 0.3, top - 1.6))
    return [
        Shape(smooth(cuff), shade, rim=0.6, visible=pencil.chance(0.25)),
        Line(pull, tone * 0.8, 0.7, pencil.chance(0.4)),
    ]

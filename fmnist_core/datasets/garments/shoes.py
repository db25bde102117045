"""Sneakers and ankle boots from the side. The toe points left, as on most photos."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fmnist_core.datasets.garments.strokes import (
    Line,
    Numbers,
    Pencil,
    Points,
    Shape,
    Stroke,
    laces,
    smooth,
)


@dataclass(frozen=True, eq=False)
class _Boot:
    """Places of n boots: x of toe, shaft (its front) and heel; y of all else.

    `floor` and `back` are where the upper meets the sole, at the toe and at the heel.
    """

    tone: Numbers
    toe: Numbers
    shaft: Numbers
    heel: Numbers
    top: Numbers
    floor: Numbers
    back: Numbers
    ground: Numbers


@dataclass(frozen=True, eq=False)
class _Sneaker:
    """Places of n shoes: x of toe, throat (where the laces are) and heel; y of all else."""

    tone: Numbers
    toe: Numbers
    throat: Numbers
    heel: Numbers
    collar: Numbers
    floor: Numbers
    ground: Numbers


def sneaker(pencil: Pencil) -> list[Stroke]:
    """A low shoe on a thick sole, with laces and a stripe; some reach above the ankle."""
    shoe = _measures(pencil)
    laced = pencil.chance(0.85)
    low, high = shoe.floor - 5.0, shoe.collar + 1.6
    return [
        Shape(_upper(pencil, shoe), shoe.tone, rim=0.7),
        *_opening(pencil, shoe),
        *_side_stripe(pencil, shoe),
        *_caps(pencil, shoe),
        *laces(pencil, shoe.tone, throat=shoe.throat, low=low, high=high, visible=laced),
        *_sole(pencil, shoe),
    ]


def _measures(pencil: Pencil) -> _Sneaker:
    ground = pencil.near(20.3, 0.6)
    above_ankle = np.where(pencil.chance(0.12), pencil.between(3.0, 6.0), 0.0)
    return _Sneaker(
        tone=pencil.cloth(),
        toe=pencil.near(1.6, 0.4),
        throat=pencil.near(12.6, 0.9),
        heel=pencil.near(26.4, 0.4),
        collar=ground - pencil.near(10.0, 0.7) - above_ankle,
        floor=ground - pencil.between(1.6, 2.8),
        ground=ground,
    )


def _upper(pencil: Pencil, shoe: _Sneaker) -> Points:
    outline = pencil.path(
        (shoe.toe + 0.5, shoe.floor + 0.3),
        (shoe.toe + 0.4, shoe.floor - pencil.between(1.2, 2.2)),
        (shoe.toe + 3.4, shoe.floor - pencil.between(2.6, 3.6)),
        (shoe.throat - 3.4, shoe.floor - pencil.between(4.2, 5.2)),
        (shoe.throat + 1.8, shoe.collar + 1.8),
        (shoe.throat + 3.4, shoe.collar),
        (shoe.throat + 7.0, shoe.collar + pencil.between(0.6, 2.0)),
        (shoe.heel - 1.6, shoe.collar + pencil.between(-0.8, 0.8)),
        (shoe.heel - 0.7, shoe.collar + 2.2),
        (shoe.heel - 0.9, shoe.floor + 0.3),
    )
    return smooth(pencil.wobble(outline, 0.1), corners=(0, 5, 9))


def _opening(pencil: Pencil, shoe: _Sneaker) -> list[Stroke]:
    """The dark inside, seen a little over the edge."""
    rim = pencil.path(
        (shoe.throat + 3.4, shoe.collar + 0.3),
        (shoe.throat + 7.0, shoe.collar + 1.6),
        (shoe.heel - 1.8, shoe.collar + 0.4),
    )
    return [Line(smooth(rim, closed=False), shoe.tone * pencil.between(0.3, 0.8), 0.8)]


def _side_stripe(pencil: Pencil, shoe: _Sneaker) -> list[Stroke]:
    """Nothing, a curved stripe, or three bars."""
    kind = pencil.kind(0.25, 0.35, 0.4)
    dark = shoe.tone * pencil.between(0.2, 0.6)
    other = np.where(shoe.tone > 140, dark, pencil.between(170, 255))
    x, y = pencil.near(12.5, 0.8), shoe.floor
    curve = pencil.path((x - 2.5, y - 3.2), (x + 1, y - 1.6), (x + 9, y - 5.6), (x + 1.5, y - 3))
    bars = [pencil.path((x + step, y - 5.6), (x + step + 1.8, y - 0.6)) for step in (0.0, 2.0, 4.0)]
    return [
        Shape(smooth(curve, corners=(0, 2)), other, rim_width=0, visible=kind == 1),
        *(Line(bar, other, 0.9, kind == 2) for bar in bars),
    ]


def _caps(pencil: Pencil, shoe: _Sneaker) -> list[Stroke]:
    """The seams of toe cap and heel counter."""
    shade = np.minimum(255, shoe.tone * pencil.between(0.45, 1.35))
    toe = pencil.path(
        (shoe.toe + 3.6, shoe.floor - 3.2),
        (shoe.toe + 5.0, shoe.floor - 1.4),
        (shoe.toe + 4.8, shoe.floor),
    )
    counter = pencil.path(
        (shoe.heel - 4.4, shoe.collar + 1.6),
        (shoe.heel - 4.8, shoe.floor - 2.5),
        (shoe.heel - 3.4, shoe.floor),
    )
    return [
        Line(smooth(seam, closed=False), shade, 0.7, pencil.chance(0.6)) for seam in (toe, counter)
    ]


def _sole(pencil: Pencil, shoe: _Sneaker) -> list[Stroke]:
    spring = pencil.between(0.0, 0.8)
    sole = pencil.path(
        (shoe.toe, shoe.floor - spring),
        (shoe.toe + 5, shoe.floor),
        (shoe.heel - 6, shoe.floor),
        (shoe.heel, shoe.floor - pencil.between(0.0, 0.8)),
        (shoe.heel - 0.2, shoe.ground - 0.3),
        (shoe.heel - 3, shoe.ground),
        (shoe.toe + 5, shoe.ground),
        (shoe.toe + 0.6, shoe.ground - spring - 0.2),
    )
    light = pencil.chance(0.7)
    tone = np.where(light, pencil.between(175, 250), pencil.between(50, 130))
    middle = (shoe.floor + shoe.ground) / 2
    groove = pencil.path((shoe.toe + 1.5, middle), (shoe.heel - 0.8, middle))
    return [
        Shape(smooth(sole, corners=(0, 3)), tone, rim=0.6),
        Line(groove, tone * 0.6, 0.5, pencil.chance(0.4)),
    ]


def ankle_boot(pencil: Pencil) -> list[Stroke]:
    """A shoe with a shaft to above the ankle; flat or with a heel, laced, zipped or elastic."""
    boot = _boots_measures(pencil)
    laced = pencil.chance(0.45)
    throat, low, high = boot.shaft + 0.8, boot.floor - 6.5, boot.top + 3.1
    return [
        *_heel(pencil, boot),
        Shape(_boots_upper(pencil, boot), boot.tone, rim=0.7),
        *_boots_sole(pencil, boot),
        *_side(pencil, boot),
        *_cuff(pencil, boot),
        *laces(pencil, boot.tone, throat=throat, low=low, high=high, visible=laced),
    ]


def _boots_measures(pencil: Pencil) -> _Boot:
    ground, high_heel = pencil.near(25.0, 0.6), pencil.chance(0.35)
    heel_height = np.where(high_heel, pencil.between(2.5, 5.0), pencil.between(0.8, 1.8))
    return _Boot(
        tone=pencil.cloth(),
        toe=pencil.near(2.2, 0.5),
        shaft=pencil.near(13.6, 0.9),
        heel=pencil.near(25.0, 0.5),
        top=pencil.between(2.2, 7.5),
        floor=ground - 1.2,
        back=ground - heel_height,
        ground=ground,
    )


def _boots_upper(pencil: Pencil, boot: _Boot) -> Points:
    outline = pencil.path(
        (boot.toe, boot.floor + 0.2),
        (boot.toe + 0.2, boot.floor - pencil.between(1.4, 2.4)),
        (boot.toe + 3.8, boot.floor - pencil.between(3.2, 4.4)),
        (boot.shaft - 2.4, boot.floor - pencil.between(6.0, 7.4)),
        (boot.shaft + pencil.near(0, 0.4), (boot.top + boot.floor) / 2 - 1.5),
        (boot.shaft + pencil.near(-0.3, 0.5), boot.top),
        (boot.heel + pencil.near(-0.4, 0.4), boot.top - pencil.between(-0.5, 1.0)),
        (boot.heel - pencil.between(0.6, 1.6), (boot.top + boot.back) / 2 + 1.5),
        (boot.heel, boot.back),
        (boot.heel - 6.5, boot.back),
        (boot.toe + 9.5, boot.floor + 0.3),
    )
    return smooth(pencil.wobble(outline, 0.1), corners=(0, 5, 6, 8, 9, 10))


def _heel(pencil: Pencil, boot: _Boot) -> list[Stroke]:
    """A block, narrower where it is high."""
    high = boot.ground - boot.back > 2.2
    thick = np.where(high, pencil.between(2.2, 4.5), 6.0)
    block = pencil.path(
        (boot.heel - 6.0, boot.back - 0.4),
        (boot.heel, boot.back - 0.4),
        (boot.heel - 0.3, boot.ground),
        (boot.heel - thick, boot.ground),
    )
    return [Shape(block, pencil.between(45, 150))]


def _boots_sole(pencil: Pencil, boot: _Boot) -> list[Stroke]:
    sole = pencil.path(
        (boot.toe - 0.2, boot.floor - 0.2),
        (boot.toe + 9.0, boot.floor + 0.1),
        (boot.heel - 7.0, boot.back - 0.4),
        (boot.heel - 0.1, boot.back - 0.4),
        (boot.heel - 0.1, boot.back + 0.5),
        (boot.heel - 6.4, boot.back + 0.6),
        (boot.toe + 9.2, boot.ground),
        (boot.toe + 0.3, boot.ground - 0.2),
    )
    return [Shape(smooth(sole, corners=(0, 3, 4, 7)), pencil.between(45, 170), rim=0.8)]


def _side(pencil: Pencil, boot: _Boot) -> list[Stroke]:
    """Nothing, the elastic wedge of a Chelsea boot, or a zip; and often a seam."""
    kind = pencil.kind(0.35, 0.3, 0.35)
    x, y, low = (boot.shaft + boot.heel) / 2, boot.top, boot.back - pencil.between(5.5, 8.0)
    elastic = pencil.path((x - 2.3, y + 0.6), (x + 2.3, y + 0.6), (x + 0.7, low), (x - 0.7, low))
    zipper = pencil.path((x + 1, y + 0.4), (x + 0.6, boot.back - 1.5))
    seam = pencil.path(
        (boot.shaft - 2.5, boot.back - 4.5),
        (x, boot.back - 3.6),
        (boot.heel - 0.8, boot.back - 5.5),
    )
    dark = boot.tone * pencil.between(0.35, 0.7)
    return [
        Shape(elastic, dark, rim=0.8, visible=kind == 1),
        Line(zipper, dark, 0.7, kind == 2),
        Line(smooth(seam, closed=False), boot.tone * 0.7, 0.6, pencil.chance(0.5)),
    ]


def _cuff(pencil: Pencil, boot: _Boot) -> list[Stroke]:
    """A lining folded over the top, and a loop to pull the boot on by."""
    cuff = pencil.path(
        (boot.shaft - 0.8, boot.top - 0.6),
        (boot.heel + 0.3, boot.top - 0.8),
        (boot.heel + 0.2, boot.top + 2),
        (boot.shaft - 0.7, boot.top + 2.2),
    )
    shade = np.minimum(255, boot.tone * pencil.between(0.6, 1.5))
    loop = pencil.path((boot.heel - 0.4, boot.top + 0.5), (boot.heel + 0.3, boot.top - 1.6))
    return [
        Shape(smooth(cuff), shade, rim=0.6, visible=pencil.chance(0.25)),
        Line(loop, boot.tone * 0.8, 0.7, pencil.chance(0.4)),
    ]

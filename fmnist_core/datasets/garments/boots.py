"""Ankle boots from the side. The toe points left, as on most photos."""

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


def ankle_boot(pencil: Pencil) -> list[Stroke]:
    """A shoe with a shaft to above the ankle; flat or with a heel, laced, zipped or elastic."""
    boot = _measures(pencil)
    laced = pencil.chance(0.45)
    throat, low, high = boot.shaft + 0.8, boot.floor - 6.5, boot.top + 3.1
    return [
        *_heel(pencil, boot),
        Shape(_upper(pencil, boot), boot.tone, rim=0.7),
        *_sole(pencil, boot),
        *_side(pencil, boot),
        *_cuff(pencil, boot),
        *laces(pencil, boot.tone, throat=throat, low=low, high=high, visible=laced),
    ]


def _measures(pencil: Pencil) -> _Boot:
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


def _upper(pencil: Pencil, boot: _Boot) -> Points:
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


def _sole(pencil: Pencil, boot: _Boot) -> list[Stroke]:
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

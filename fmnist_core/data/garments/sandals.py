"""Sandals from the side: a sole, straps, and air between them. The toe points left."""

from __future__ import annotations

import numpy as np

from fmnist_core.data.garments.splines import Points, smooth
from fmnist_core.data.garments.strokes import Line, Mask, Numbers, Pencil, Shape, Stroke


def sandal(pencil: Pencil) -> list[Stroke]:
    """A sole and a few straps with nothing between them; flat, wedge or high heel."""
    kind = pencil.kind(0.58, 0.17, 0.25)
    high, wedge = kind == 2, kind == 1
    rise = np.where(high, pencil.between(7.0, 11.0), np.where(wedge, pencil.between(2.5, 5), 0.3))
    ground = np.where(high, pencil.near(24.5, 0.6), pencil.near(19.8, 0.7))
    toe, heel = pencil.near(1.8, 0.5), pencil.near(26.0, 0.5)
    tone = pencil.cloth()
    bed = _foot_bed(toe, heel, ground, rise)
    return [
        *_wedge(pencil, toe, heel, ground, rise, tone, wedge),
        *_stiletto(pencil, heel, ground, rise, tone, high),
        *_sandal_sole(pencil, bed, tone, high),
        *_straps(pencil, bed, tone, high),
    ]


def _foot_bed(toe: Numbers, heel: Numbers, ground: Numbers, rise: Numbers) -> Points:
    """Where the foot stands, from the toe to the heel: (n, 5, 2)."""
    shares = np.array([0.0, 0.22, 0.45, 0.72, 1.0])
    lift = np.array([0.0, 0.0, 0.14, 0.66, 1.0])
    x = toe[:, None] + shares * (heel - toe)[:, None]
    y = (ground - 1.3)[:, None] - lift * rise[:, None]
    return np.stack([x, y], axis=2)


def _wedge(
    pencil: Pencil,
    toe: Numbers,
    heel: Numbers,
    ground: Numbers,
    rise: Numbers,
    tone: Numbers,
    visible: Mask,
) -> list[Stroke]:
    wedge = pencil.path(
        (toe + 0.3, ground),
        (toe + 8, ground - 1.4),
        (heel, ground - 1.2 - rise),
        (heel - 0.4, ground),
    )
    return [Shape(wedge, pencil.between(90, 220), rim=0.75, visible=visible)]


def _stiletto(
    pencil: Pencil, heel: Numbers, ground: Numbers, rise: Numbers, tone: Numbers, visible: Mask
) -> list[Stroke]:
    thick = pencil.between(0.5, 1.8)
    spike = pencil.path(
        (heel - 3.0, ground - 1.6 - rise * 0.93),
        (heel, ground - 1.4 - rise),
        (heel - 0.7, ground),
        (heel - 0.7 - thick, ground),
    )
    return [Shape(spike, tone * 0.85, rim=0.8, visible=visible)]


def _sandal_sole(pencil: Pencil, bed: Points, tone: Numbers, high: Mask) -> list[Stroke]:
    thick = np.where(high, pencil.between(0.8, 1.3), pencil.between(0.9, 2.2))
    line = smooth(bed + np.stack([np.zeros_like(thick), thick / 2], axis=1)[:, None], closed=False)
    return [Line(line, np.minimum(255, tone * pencil.between(0.6, 1.2)), thick)]


def _straps(pencil: Pencil, bed: Points, tone: Numbers, high: Mask) -> list[Stroke]:
    """Over the toes always; over the instep, around the ankle and behind the heel often."""
    width = pencil.between(0.7, 1.7)
    ankle = high | pencil.chance(0.45)
    tall = np.where(high, pencil.between(5.5, 8.5), pencil.between(5.0, 7.5))
    front, arch, heel = bed[:, 1], bed[:, 2], bed[:, 4]
    instep = arch + np.stack([pencil.near(1.2, 0.6), -pencil.between(4.0, 5.8)], axis=1)
    peak = front + np.stack([pencil.near(1.8, 0.5), -pencil.between(2.4, 3.8)], axis=1)
    back = heel + np.stack([pencil.near(-0.6, 0.3), -tall], axis=1)
    ankle_front = back + np.stack([-pencil.between(5.5, 7.5), pencil.near(0.6, 0.4)], axis=1)

    def strap(visible: Mask | bool, *points: Numbers) -> Stroke:
        return Line(smooth(np.stack(points, axis=1), closed=False), tone, width, visible)

    return [
        strap(True, front - np.array([2.4, 0.2]), peak, arch - np.array([0.2, 0.2])),
        strap(
            pencil.chance(0.5),
            front + np.array([0.2, 0.0]),
            peak + np.array([1.6, -0.6]),
            arch + np.array([2.4, -0.4]),
        ),
        strap(pencil.chance(0.55), peak, instep, bed[:, 3]),
        strap(ankle, ankle_front, (ankle_front + back) / 2 + np.array([0.0, 0.8]), back),
        strap(ankle, back, (back + heel) / 2 + np.array([0.3, 0.0]), heel),
        strap(ankle & pencil.chance(0.7), ankle_front, instep, peak),
    ]

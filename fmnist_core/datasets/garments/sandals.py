"""Sandals from the side: a sole, straps, and air between them. The toe points left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fmnist_core.datasets.garments.strokes import (
    Kinds,
    Line,
    Mask,
    Numbers,
    Pencil,
    Points,
    Scalar,
    Shape,
    Stroke,
    smooth,
)

_FLAT, _WEDGE, _HIGH = range(3)


@dataclass(frozen=True, eq=False)
class _Sandal:
    """Places of n sandals: x of toe and heel, y of the ground, and how far the heel is raised.

    `bed` (n, 5, 2) is the insole, from the toe to the heel.
    """

    kind: Kinds
    tone: Numbers
    toe: Numbers
    heel: Numbers
    ground: Numbers
    rise: Numbers
    bed: Points


def sandal(pencil: Pencil) -> list[Stroke]:
    """A sole and a few straps with nothing between them; flat, wedge or high heel."""
    shoe = _measures(pencil)
    return [
        *_heel(pencil, shoe),
        *_sole(pencil, shoe),
        *_straps(pencil, shoe),
    ]


def _measures(pencil: Pencil) -> _Sandal:
    kind = pencil.kind(0.58, 0.17, 0.25)
    rise = np.choose(kind, [0.3, pencil.between(2.5, 5.0), pencil.between(7.0, 11.0)])
    ground = np.where(kind == _HIGH, pencil.near(24.5, 0.6), pencil.near(19.8, 0.7))
    toe, heel = pencil.near(1.8, 0.5), pencil.near(26.0, 0.5)
    bed = pencil.path(
        *(
            (toe + share * (heel - toe), ground - 1.3 - lift * rise)
            for share, lift in ((0.0, 0.0), (0.22, 0.0), (0.45, 0.14), (0.72, 0.66), (1.0, 1.0))
        )
    )
    return _Sandal(kind, pencil.cloth(), toe, heel, ground, rise, bed)


def _heel(pencil: Pencil, shoe: _Sandal) -> list[Stroke]:
    """A wedge under the whole foot, or a thin high heel."""
    wedge = pencil.path(
        (shoe.toe + 0.3, shoe.ground),
        (shoe.toe + 8, shoe.ground - 1.4),
        (shoe.heel, shoe.ground - 1.2 - shoe.rise),
        (shoe.heel - 0.4, shoe.ground),
    )
    spike = pencil.path(
        (shoe.heel - 3.0, shoe.ground - 1.6 - shoe.rise * 0.93),
        (shoe.heel, shoe.ground - 1.4 - shoe.rise),
        (shoe.heel - 0.7, shoe.ground),
        (shoe.heel - 0.7 - pencil.between(0.5, 1.8), shoe.ground),
    )
    return [
        Shape(wedge, pencil.between(90, 220), rim=0.75, visible=shoe.kind == _WEDGE),
        Shape(spike, shoe.tone * 0.85, rim=0.8, visible=shoe.kind == _HIGH),
    ]


def _sole(pencil: Pencil, shoe: _Sandal) -> list[Stroke]:
    thin = shoe.kind == _HIGH
    thick = np.where(thin, pencil.between(0.8, 1.3), pencil.between(0.9, 2.2))
    middle = shoe.bed + _step(pencil, 0.0, thick / 2)[:, None]
    tone = np.minimum(255, shoe.tone * pencil.between(0.6, 1.2))
    return [Line(smooth(middle, closed=False), tone, thick)]


def _straps(pencil: Pencil, shoe: _Sandal) -> list[Stroke]:
    """Over the toes always; over the instep, around the ankle and behind the heel often."""
    front, arch, back, heel = shoe.bed[:, 1], shoe.bed[:, 2], shoe.bed[:, 3], shoe.bed[:, 4]
    peak = front + _step(pencil, pencil.near(1.8, 0.5), -pencil.between(2.4, 3.8))
    instep = arch + _step(pencil, pencil.near(1.2, 0.6), -pencil.between(4.0, 5.8))
    tall = pencil.between(5.0, 7.5) + (shoe.kind == _HIGH)
    ankle = heel + _step(pencil, pencil.near(-0.6, 0.3), -tall)
    shin = ankle + _step(pencil, -pencil.between(5.5, 7.5), pencil.near(0.6, 0.4))
    below, behind = _step(pencil, 0.0, 0.8), _step(pencil, 0.3, 0.0)
    second = (
        front + _step(pencil, 0.2, 0.0),
        peak + _step(pencil, 1.6, -0.6),
        arch + _step(pencil, 2.4, -0.4),
    )
    ankled = (shoe.kind == _HIGH) | pencil.chance(0.45)
    width = pencil.between(0.7, 1.7)

    def strap(visible: Mask | bool, *points: Points) -> Stroke:
        return Line(smooth(np.stack(points, axis=1), closed=False), shoe.tone, width, visible)

    return [
        strap(True, front - _step(pencil, 2.4, 0.2), peak, arch - _step(pencil, 0.2, 0.2)),
        strap(pencil.chance(0.5), *second),
        strap(pencil.chance(0.55), peak, instep, back),
        strap(ankled, shin, (shin + ankle) / 2 + below, ankle),
        strap(ankled, ankle, (ankle + heel) / 2 + behind, heel),
        strap(ankled & pencil.chance(0.7), shin, instep, peak),
    ]


def _step(pencil: Pencil, right: Scalar, down: Scalar) -> Points:
    """From one point to another: (n, 2)."""
    return pencil.path((right, down))[:, 0]

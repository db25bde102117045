"""The measures of tops: one cut with different numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data.garments.strokes import Numbers, Pencil


@dataclass(frozen=True, eq=False)
class Cut:
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


def random_cut(
    pencil: Pencil,
    *,
    sleeves: tuple[float, float, float],
    widen: float = 0.0,
    lengthen: float = 0.0,
) -> Cut:
    """Measures with shares of short, long and three-quarter sleeves."""
    top = pencil.near(2.2, 0.4)
    armhole = top + pencil.near(7.2, 0.5)
    chest = pencil.near(6.1, 0.55) + widen
    waist = chest + pencil.near(-0.2, 0.35)
    bottom = np.minimum(27.0, pencil.near(25.6, 0.9) + lengthen)
    kind = pencil.kind(*sleeves)
    return Cut(
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

"""The marks that garments are drawn with: shapes, lines, smooth curves (splines) and laces.

Each describes one mark on each of n garments. Lengths are in pixels of the final image: x from 0
(left) to 28, y from 0 (top) to 28. Tones are gray levels from 0 to 255. Whatever may be one number
or one a garment is a `Scalar`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

_STEPS = 5


Numbers = NDArray[np.float64]
Scalar = float | Numbers
Mask = NDArray[np.bool_]
Kinds = NDArray[np.int64]
SIDE = 28
MIDDLE = SIDE / 2


@dataclass(frozen=True, eq=False)
class Shape:
    """A filled outline with a darker rim, which is what seams look like at this size.

    Attributes:
        points: float64 (n, m, 2).
        tone: (n,) grey level inside.
        rim: (n,) or one number, tone of the rim as a share of `tone`.
        rim_width: Width of the rim in pixels; 0 for none.
        visible: (n,) or one flag, which garments have it.
    """

    points: Points
    tone: Scalar
    rim: Scalar = 0.7
    rim_width: float = 0.5
    visible: Mask | bool = True


@dataclass(frozen=True, eq=False)
class Line:
    """An open line: a seam, a strap, a lace.

    Attributes:
        points: float64 (n, m, 2).
        tone: (n,) or one grey level.
        width: (n,) or one width in pixels.
        visible: (n,) or one flag, which garments have it.
    """

    points: Points
    tone: Scalar
    width: Scalar = 0.7
    visible: Mask | bool = True


Stroke = Shape | Line


class Pencil:
    """Random numbers for n garments at once.

    Attributes:
        rng: Source of all randomness.
        count: How many garments are drawn together.
    """

    def __init__(self, rng: np.random.Generator, count: int) -> None:
        self.rng, self.count = rng, count

    def between(self, low: Scalar, high: Scalar) -> Numbers:
        """(n,) numbers, evenly spread."""
        return self.rng.uniform(low, high, self.count)

    def near(self, centre: Scalar, spread: float) -> Numbers:
        """(n,) numbers around `centre`, at most twice `spread` away."""
        return centre + spread * np.clip(self.rng.standard_normal(self.count), -2, 2)

    def chance(self, share: float) -> Mask:
        """(n,) flags, true for about `share` of the garments."""
        return self.rng.random(self.count) < share

    def kind(self, *weights: float) -> Kinds:
        """(n,) numbers of a kind, drawn with the given weights."""
        return self.rng.choice(len(weights), self.count, p=np.array(weights) / sum(weights))

    def cloth(self) -> Numbers:
        """(n,) grey levels of cloth: dark, medium and light ones are all common."""
        kind = self.kind(0.25, 0.4, 0.35)
        low, high = np.array([70.0, 120.0, 185.0])[kind], np.array([120.0, 185.0, 240.0])[kind]
        return self.between(low, high)

    def path(self, *points: tuple[Scalar, Scalar]) -> Points:
        """Points (n, k, 2) from pairs of x and y."""
        result = np.empty((self.count, len(points), 2))
        for i, (x, y) in enumerate(points):
            result[:, i, 0], result[:, i, 1] = x, y
        return result

    def wobble(self, points: Points, spread: float) -> Points:
        """The points, each moved a little: no two garments lie alike."""
        return points + spread * self.rng.standard_normal(points.shape)


def off(x: Scalar) -> Scalar:
    """So far to the right of the garment's middle line."""
    return MIDDLE + x


def mirrored(points: Points) -> Points:
    """The same shape on the other side of the garment's middle line."""
    return points[:, ::-1] * (-1, 1) + (SIDE, 0)


def both_sides(half: Points) -> Points:
    """A whole outline from its right half, which runs from the top to the bottom."""
    return np.concatenate([half, mirrored(half)], axis=1)


def moved(strokes: list[Stroke], matrix: Numbers, shift: Points) -> list[Stroke]:
    """All strokes after an affine map about the image's centre: matrix (n, 2, 2), shift (n, 2)."""
    return [
        replace(
            stroke,
            points=np.einsum("nij,nmj->nmi", matrix, stroke.points - MIDDLE)
            + MIDDLE
            + shift[:, None],
        )
        for stroke in strokes
    ]


def laces(
    pencil: Pencil, tone: Numbers, *, throat: Numbers, low: Numbers, high: Numbers, visible: Mask
) -> list[Stroke]:
    """Four short slanted lines up the throat of a shoe, from height `low` to height `high`."""
    dark = tone * pencil.between(0.25, 0.6)
    other = np.where(tone > 150, dark, pencil.between(190, 255))
    strokes: list[Stroke] = []
    for share in (0.05, 0.35, 0.65, 0.95):
        x, y = throat - 3.0 + share * 4.2, low + share * (high - low)
        lace = pencil.path((x - 0.2, y - 0.1), (x + 1.7, y + 1.2))
        strokes.append(Line(lace, other, 0.6, visible))
    return strokes


def smooth(points: Points, *, corners: Iterable[int] = (), closed: bool = True) -> Points:
    """A curve through `points` (n, k, 2), sharp at `corners` and between neighbouring corners.

    The curve is linear in its points, so one matrix draws it for all n garments.

    Returns:
        float64 (n, about 5 k, 2).
    """
    weights = _weights(points.shape[1], tuple(sorted(corners)), closed)
    return np.einsum("mk,nkc->nmc", weights, points, optimize=True)


@lru_cache(maxsize=256)
def _weights(count: int, corners: tuple[int, ...], closed: bool) -> NDArray[np.float64]:
    """Catmull-Rom: the slope at a point is half the way between its neighbours, 0 at a corner."""
    identity = np.eye(count)
    slopes = 0.5 * (np.roll(identity, -1, axis=0) - np.roll(identity, 1, axis=0))
    slopes[list(corners)] = 0
    if not closed:
        slopes[[0, -1]] = 0
    ends = np.roll(identity, -1, axis=0), np.roll(slopes, -1, axis=0)
    time = np.linspace(0, 1, _STEPS, endpoint=False)[:, None]
    pieces = [
        _hermite(time, identity[i], slopes[i], ends[0][i], ends[1][i])
        for i in range(count if closed else count - 1)
    ]
    return np.concatenate([*pieces, *([] if closed else [identity[-1:]])])


def _hermite(
    t: NDArray[np.float64],
    start: NDArray[np.float64],
    start_slope: NDArray[np.float64],
    end: NDArray[np.float64],
    end_slope: NDArray[np.float64],
) -> NDArray[np.float64]:
    rise = t * t * (3 - 2 * t)
    return (
        (1 - rise) * start
        + rise * end
        + t * (1 - t) ** 2 * start_slope
        - t * t * (1 - t) * end_slope
    )

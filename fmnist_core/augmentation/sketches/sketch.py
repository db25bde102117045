"""The elements of a sketch."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


@dataclass
class Sketch:
    """Closed shapes and open lines; x to the right, y down, about one unit in size.

    Attributes:
        shapes: Closed outlines (m, 2), painted in their order.
        lines: Open lines (m, 2) over them: seams, laces, buttons.
    """

    shapes: list[Points] = field(default_factory=list)
    lines: list[Points] = field(default_factory=list)

    def shape(self, *points: tuple[float, float] | Points) -> None:
        self.shapes.append(path(*points))

    def line(self, *points: tuple[float, float] | Points) -> None:
        self.lines.append(path(*points))

    def both_sides(self, *points: tuple[float, float] | Points) -> None:
        """A line and its mirror image."""
        right = path(*points)
        self.lines += [right, mirrored(right)]

    def dot(self, x: float, y: float, size: float = 0.012) -> None:
        self.lines.append(oval(x, y, size, size, 8))

    def all_parts(self) -> list[Points]:
        return self.shapes + self.lines


def path(*points: tuple[float, float] | Points) -> Points:
    """Points and pieces of curves in one row."""
    return np.concatenate([np.atleast_2d(np.asarray(point, float)) for point in points])


def mirrored(points: Points) -> Points:
    return points * (-1.0, 1.0)


def symmetric(*half: tuple[float, float] | Points) -> Points:
    """A closed outline from its right half, from the top to the bottom."""
    right = path(*half)
    return np.concatenate([right, mirrored(right)[::-1]])


def curve(*points: tuple[float, float], count: int = 12) -> Points:
    """A Bezier curve with the given control points (two to four)."""
    t = np.linspace(0, 1, count)[:, None]
    level = [np.asarray(point, float) * np.ones((count, 1)) for point in points]
    while len(level) > 1:  # de Casteljau
        level = [(1 - t) * a + t * b for a, b in itertools.pairwise(level)]
    return level[0]


def rounded(points: Points, closed: bool) -> Points:
    """The same with its corners cut twice (Chaikin 1974), as in icons with soft corners."""
    for _ in range(2):
        after = np.roll(points, -1, axis=0) if closed else points[1:]
        before = points if closed else points[:-1]
        cut = np.empty((2 * len(before), 2))
        cut[::2], cut[1::2] = 0.75 * before + 0.25 * after, 0.25 * before + 0.75 * after
        points = cut if closed else path(points[0], cut, points[-1])
    return points


def oval(x: float, y: float, wide: float, high: float, count: int = 24) -> Points:
    """A closed ellipse (its last point is its first)."""
    angle = np.linspace(0, 2 * np.pi, count)
    return np.stack([x + wide * np.cos(angle), y + high * np.sin(angle)], axis=1)


def paired(sketch: Sketch, apart: float, down: float, *, mirror: bool) -> Sketch:
    """The same thing twice, the second one beside the first, perhaps facing the other way."""

    def second(points: Points) -> Points:
        turned = points * (-1.0, 1.0) + (1.0, 0.0) if mirror else points
        return np.add(turned, (apart, down))

    shapes, lines = sketch.shapes, sketch.lines
    return Sketch(shapes + [second(s) for s in shapes], lines + [second(line) for line in lines])


def chance(rng: np.random.Generator, share: float) -> bool:
    return bool(rng.random() < share)

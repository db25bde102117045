"""Curves over epochs as a drawing (SVG)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from fmnist_core.export.report.parts import text

Points = Sequence[tuple[float, float]]
_WIDTH, _HEIGHT, _LEFT, _BELOW, _TOP = 560, 260, 52, 34, 26
_TICKS = 5


def curves(title: str, lines: Mapping[str, Points]) -> str:
    """One drawing; `lines` are points (epoch, value) by their names, two at most.

    Empty where no line has a point.
    """
    finite = {name: [p for p in points if math.isfinite(p[1])] for name, points in lines.items()}
    drawn = {name: points for name, points in finite.items() if points}
    if not drawn:
        return ""
    frame = _Frame([point for points in drawn.values() for point in points])
    parts = [f"<text x='{_LEFT}' y='16' class='title'>{text(title)}</text>", *frame.grid()]
    for number, (name, points) in enumerate(drawn.items()):
        parts += [frame.line(points, number), _legend(name, number)]
    box = f"0 0 {_WIDTH} {_HEIGHT}"
    return f"<svg viewBox='{box}' role='img' aria-label='{text(title)}'>{''.join(parts)}</svg>"


class _Frame:
    """Where a value lies on the drawing."""

    def __init__(self, points: Points) -> None:
        values = [value for _, value in points]
        low, high = min(values), max(values)
        room = (high - low) * 0.06 or 0.01
        self.low, self.high = low - room, high + room
        self.last = max(2.0, *(epoch for epoch, _ in points))

    def x(self, epoch: float) -> float:
        return _LEFT + (epoch - 1) / (self.last - 1) * (_WIDTH - _LEFT - 12)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return _HEIGHT - _BELOW - share * (_HEIGHT - _BELOW - _TOP)

    def grid(self) -> list[str]:
        values = [self.low + (self.high - self.low) * i / (_TICKS - 1) for i in range(_TICKS)]
        epochs = sorted({round(1 + (self.last - 1) * i / (_TICKS - 1)) for i in range(_TICKS)})
        across = [
            f"<path d='M{_LEFT} {self.y(value):.1f}H{_WIDTH - 12}' class='grid'/>"
            f"<text x='{_LEFT - 6}' y='{self.y(value) + 4:.1f}' text-anchor='end'>"
            f"{value:.3f}</text>"
            for value in values
        ]
        below = [
            f"<text x='{self.x(epoch):.1f}' y='{_HEIGHT - 14}' text-anchor='middle'>{epoch}</text>"
            for epoch in epochs
        ]
        name = f"<text x='{_WIDTH - 12}' y='{_HEIGHT - 1}' text-anchor='end'>epoch</text>"
        return [*across, *below, name]

    def line(self, points: Points, number: int) -> str:
        places = [f"{self.x(epoch):.1f},{self.y(value):.1f}" for epoch, value in points]
        if len(places) == 1:
            x, y = places[0].split(",")
            return f"<circle cx='{x}' cy='{y}' r='3' class='dot{number}'/>"
        return f"<polyline points='{' '.join(places)}' class='line{number}'/>"


def _legend(name: str, number: int) -> str:
    x = _WIDTH - 12 - 140 * (1 - number)
    return f"<text x='{x}' y='16' text-anchor='end' class='name{number}'>{text(name)}</text>"

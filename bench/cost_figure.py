"""Panels of lines on logarithmic axes as an SVG file that is legible in light and in dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT, _GAP = 300, 240, 76
_LEFT, _TOP, _BOTTOM = 64, 92, 62
# Names of lines take these colours in turn; both themes have their own shades.
_LIGHT = {"card": "#ffffff", "ink": "#1f2933", "faint": "#5f6b76", "grid": "#e3e7ea"}
_DARK = {"card": "#12181e", "ink": "#e6ebef", "faint": "#9aa7b2", "grid": "#2a333b"}
_LINES_LIGHT, _LINES_DARK = ("#0b6bcb", "#c2410c"), ("#6cb4ff", "#ff9d5c")


@dataclass(frozen=True)
class Line:
    """Points of one name; `dashed` ones are limits and have no dots."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    dashed: bool = False


@dataclass(frozen=True)
class Panel:
    """One pair of axes; `title` is what y is."""

    title: str
    x_name: str
    lines: Sequence[Line]


def svg(title: str, panels: Sequence[Panel]) -> str:
    """The whole picture."""
    names = list(dict.fromkeys(line.name for panel in panels for line in panel.lines))
    width = len(panels) * (_WIDTH + _GAP) + 16
    height = _TOP + _HEIGHT + _BOTTOM
    drawn = [_panel(panel, index, names) for index, panel in enumerate(panels)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'role="img" aria-label="{escape(title)}">',
            _style(),
            f'<rect class="card" width="{width}" height="{height}" rx="10"/>',
            f'<text class="title" x="24" y="34">{escape(title)}</text>',
            _legend(names),
            *drawn,
            "</svg>\n",
        ]
    )


def _style() -> str:
    def rules(colours: dict[str, str], lines: Sequence[str]) -> str:
        of = [f".card{{fill:{colours['card']}}} text{{fill:{colours['faint']}}}"]
        of.append(f".title,.head{{fill:{colours['ink']}}} .grid{{stroke:{colours['grid']}}}")
        of += [f".s{n}{{stroke:{c}}} .d{n}{{fill:{c}}}" for n, c in enumerate(lines)]
        return " ".join(of)

    return (
        "<style>text{font:12px system-ui,sans-serif} .title{font-size:16px;font-weight:600} "
        ".head{font-size:13px;font-weight:600} path{fill:none;stroke-width:2;"
        "stroke-linejoin:round} .limit{stroke-dasharray:5 4;stroke-width:1.5} "
        f"{rules(_LIGHT, _LINES_LIGHT)} @media (prefers-color-scheme:dark){{"
        f"{rules(_DARK, _LINES_DARK)}}}</style>"
    )


def _legend(names: Sequence[str]) -> str:
    parts, x = [], 24
    for number, name in enumerate(names):
        for words, dashed in ((name, ""), (f"{name}, machine's limit", " limit")):
            parts.append(f'<path class="s{number}{dashed}" d="M{x} 52h26"/>')
            parts.append(f'<text x="{x + 34}" y="56">{escape(words)}</text>')
            x += 60 + 7 * len(words)
    return "\n".join(parts)


def _panel(panel: Panel, index: int, names: Sequence[str]) -> str:
    left = _LEFT + index * (_WIDTH + _GAP)
    across = _Axis([x for line in panel.lines for x in line.x], left, left + _WIDTH)
    up = _Axis([y for line in panel.lines for y in line.y], _TOP + _HEIGHT, _TOP)
    parts = [f'<text class="head" x="{left}" y="{_TOP - 12}">{escape(panel.title)}</text>']
    for value in up.ticks():
        y = up.place(value)
        parts.append(f'<path class="grid" style="stroke-width:1" d="M{left} {y:.1f}h{_WIDTH}"/>')
        parts.append(
            f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{_said(value)}</text>'
        )
    for value in across.ticks():
        parts.append(_below(across.place(value), _TOP + _HEIGHT + 18, _said(value)))
    parts.append(_below(left + _WIDTH / 2, _TOP + _HEIGHT + 40, panel.x_name))
    parts += [_line(line, names.index(line.name), across, up) for line in panel.lines]
    return "\n".join(parts)


def _below(x: float, y: float, words: str) -> str:
    return f'<text x="{x:.1f}" y="{y}" text-anchor="middle">{escape(words)}</text>'


def _line(line: Line, number: int, across: _Axis, up: _Axis) -> str:
    pairs = sorted(zip(line.x, line.y, strict=True))
    places = [(across.place(x), up.place(y)) for x, y in pairs]
    way = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    drawn = f'<path class="s{number}{" limit" if line.dashed else ""}" d="M{way}"/>'
    dots = [] if line.dashed else places
    return drawn + "".join(
        f'<circle class="d{number}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in dots
    )


class _Axis:
    """Values above 0 to places, logarithmically, with a little room at both ends."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        self._low, self._high = math.log10(min(values)) - 0.08, math.log10(max(values)) + 0.08
        self._start, self._end = start, end

    def place(self, value: float) -> float:
        share = (math.log10(value) - self._low) / (self._high - self._low)
        return self._start + share * (self._end - self._start)

    def ticks(self) -> list[float]:
        """Powers of ten, and what lies between them where these are few."""
        powers = range(math.floor(self._low), math.ceil(self._high) + 1)
        for steps in ((1,), (1, 3), (1, 2, 5)):
            found = [step * 10.0**power for power in powers for step in steps]
            seen = [value for value in found if self._low <= math.log10(value) <= self._high]
            if len(seen) >= 3:
                return seen
        return seen


def _said(value: float) -> str:
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g} {letter}"
    return f"{value:g}"

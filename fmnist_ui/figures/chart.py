"""What all Vega-Lite charts share: specification, colors, axes, smoothing, thinning."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Item = TypeVar("Item")


NOW = "now"


# A few lines a decade: a logarithmic axis left to itself draws nine.
_LOSS_TICKS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10, 30, 100]


@dataclass(frozen=True)
class Palette:
    """Colours as `#RRGGBB`.

    Attributes:
        text: Labels and titles.
        background: What the figure lies on.
        grid: Quiet lines.
        accent: Training, and whatever there is only one of.
        second: Validation.
        good, bad: Right and wrong; never the only sign of it.
        series: One a run when several are laid over each other.
    """

    text: str
    background: str
    grid: str
    accent: str
    second: str
    good: str
    bad: str
    series: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Chart:
    """Data and specification apart: where only the data changes, the drawing moves on quietly.

    Attributes:
        data: Rows in long form; missing values are null.
        spec: Vega-Lite without data.
        alt: What the chart shows, for those who cannot see it.
    """

    data: pd.DataFrame
    spec: dict[str, Any]
    alt: str


def base_spec(palette: Palette, height: int) -> dict[str, Any]:
    """What all charts share: no border, quiet grid, text in the theme's colour."""
    axis = {
        "gridColor": palette.grid,
        "domainColor": palette.grid,
        "tickColor": palette.grid,
        "labelColor": palette.text,
        "titleColor": palette.text,
        "labelOpacity": 0.75,
        "titleOpacity": 0.75,
        "titleFontWeight": "normal",
        "labelLimit": 260,
    }
    legend = {"labelColor": palette.text, "titleColor": palette.text, "orient": "top"}
    return {
        "height": height,
        "background": None,
        "config": {
            "view": {"stroke": None},
            "axis": axis,
            "legend": {**legend, "title": None, "labelLimit": 260, "symbolStrokeWidth": 3},
        },
    }


def mix(first: str, second: str, share: float) -> str:
    """The colour `share` (0 to 1) of the way from `first` to `second`."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colors, 1 to 21 (WCAG 2.1, "contrast ratio")."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    shares = (channel / 255 for channel in _channels(colour))
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def _channels(colour: str) -> tuple[int, int, int]:
    digits = colour.lstrip("#")
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def accuracy_axis() -> dict[str, Any]:
    """Shares as far as the data go, for curves that stand still: the differences fill it."""
    return {
        "type": "quantitative",
        "title": None,
        "scale": {"zero": False, "nice": True},
        "axis": {"format": ".3~p", "tickCount": 6},
    }


def loss_axis() -> dict[str, Any]:
    """Logarithmic: a loss that halves goes down by the same step, early and late."""
    return {
        "type": "quantitative",
        "title": None,
        # Guessing among ten classes costs 2.3: the curve has its place from the first point on.
        "scale": {"type": "log", "nice": False, "domain": {"unionWith": [0.2, 2.5]}},
        "axis": {"values": _LOSS_TICKS, "format": "~g"},
    }


def rate_axis() -> dict[str, Any]:
    """Learning rates, from zero."""
    return {
        "type": "quantitative",
        "title": None,
        "scale": {"zero": True, "nice": True},
        "axis": {"format": "~g", "tickCount": 5},
    }


def epoch_axis(epochs: int) -> dict[str, Any]:
    """The whole run from the start on, so that what is to come has its place already."""
    step = max(1, round(epochs / 10))
    return {
        "type": "quantitative",
        "title": "epoch",
        "scale": {"domain": [0, max(1, epochs)], "nice": False},
        "axis": {"values": list(range(0, epochs + 1, step)), "format": "d", "grid": False},
    }


def time_axis(epochs: int) -> dict[str, Any]:
    """Epochs done, the first of them stretched: most is learned there."""
    step = max(1, round(epochs / 10))
    return {
        "field": "x",
        "type": "quantitative",
        "title": "epoch",
        "scale": {"type": "pow", "exponent": 0.5, "domain": [0, max(1, epochs)], "nice": False},
        "axis": {
            "values": sorted({0, 0.1, 1, *range(step, epochs + 1, step)}),
            # A format would be rounded to the distance of the ticks: 20 as "2e+1".
            "labelExpr": "toString(datum.value)",
            "grid": False,
        },
    }


def moment_rule(palette: Palette) -> dict[str, Any]:
    """A line at the row whose `kind` is `now`."""
    return {
        "transform": [{"filter": {"field": "kind", "equal": NOW}}],
        "mark": {"type": "rule", "color": palette.text, "opacity": 0.55, "strokeWidth": 2},
        "encoding": {"y": {"value": 0}, "y2": {"value": "height"}},
    }


def curve_filter() -> list[dict[str, Any]]:
    """All rows but that one."""
    return [{"filter": {"not": {"field": "kind", "equal": NOW}}}]


def smooth(values: Sequence[float], memory: float = 0.6) -> list[float]:
    """Exponential moving average without the usual pull towards zero at the start.

    Args:
        values: NaN and infinity are passed over: the average stays where it was.
        memory: From 0 (no smoothing) to below 1; 0.6 as in TensorBoard.
    """
    total, weight, result = 0.0, 0.0, []
    for value in values:
        if math.isfinite(value):
            total = memory * total + (1 - memory) * value
            weight = memory * weight + (1 - memory)
        result.append(total / weight if weight else math.nan)
    return result


def thin(items: Sequence[Item], most: int = 400) -> list[Item]:
    """Every so-manieth item and the last: at most `most`, `most` being at least 2.

    The step is a power of two, so that a growing series keeps the points it already shows and
    the curve does not tremble.
    """
    step = 1
    while math.ceil(len(items) / step) + 1 > most and step < len(items):
        step *= 2
    chosen = list(items[::step])
    if items and (len(items) - 1) % step:
        chosen.append(items[-1])
    return chosen


def thinned(x: NDArray[np.float64], y: NDArray[np.float64], points: int = 160) -> NDArray[np.int64]:
    """Which points of a curve to draw: evenly along its path, with both ends.

    Args:
        x, y: Each (n,), n at least 1, on scales of the same length.

    Returns:
        int64 (m,), rising, m at most `points` and at least 1.
    """
    path = np.cumsum(np.hypot(np.diff(x, prepend=x[0]), np.diff(y, prepend=y[0])))
    stops = np.linspace(0, path[-1], points)
    return np.unique(np.minimum(np.searchsorted(path, stops), len(path) - 1))

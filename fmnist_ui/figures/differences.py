"""Differences of two runs with their intervals, a line each, around nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from fmnist_ui.figures.chart import Chart, Palette, base_spec

_CHANCE = "not significant"
_POINTS = "datum.value == 0 ? '0' : format(100 * datum.value, '+.3~g')"


@dataclass(frozen=True)
class Difference:
    """One line: what it is about, a difference from -1 to 1, its interval, images it rests on."""

    name: str
    value: float
    interval: tuple[float, float]
    images: int

    def verdict(self, names: tuple[str, str]) -> str:
        """In the words of the legend."""
        low, high = self.interval
        if low <= 0 <= high:
            return _CHANCE
        return _better(names)[0 if low > 0 else 1]


def differences(
    rows: Sequence[Difference], names: tuple[str, str], palette: Palette, height: int = 0
) -> Chart:
    """Points with 95 % intervals; right of the middle the first of `names` is better."""
    data = pd.DataFrame(
        [(row.name, row.value, *row.interval, row.verdict(names), row.images) for row in rows],
        columns=["name", "value", "low", "high", "verdict", "images"],
    )
    spec = {
        **base_spec(palette, height or 30 * len(rows) + 70),
        "encoding": {"y": _lines([row.name for row in rows]), "color": _colours(names, palette)},
        "layer": [_middle(palette), _spans(), _points()],
    }
    return Chart(data, spec, f"Differences between {names[0]} and {names[1]} with intervals.")


def _lines(order: Sequence[str]) -> dict[str, Any]:
    axis = {"domain": False, "ticks": False, "grid": False, "labelOverlap": False}
    return {"field": "name", "type": "nominal", "sort": list(order), "title": None, "axis": axis}


def _better(names: tuple[str, str]) -> list[str]:
    return [f"{name} is better" for name in names]


def _colours(names: tuple[str, str], palette: Palette) -> dict[str, Any]:
    scale = {
        "domain": [*_better(names), _CHANCE],
        "range": [palette.accent, palette.second, palette.text],
    }
    # Two columns fit a phone.
    return {"field": "verdict", "type": "nominal", "scale": scale, "legend": {"columns": 2}}


def _share(field: str) -> dict[str, Any]:
    return {
        "field": field,
        "type": "quantitative",
        "title": "difference, percentage points",
        "axis": {"labelExpr": _POINTS, "tickCount": 7},
    }


def _middle(palette: Palette) -> dict[str, Any]:
    return {
        "data": {"values": [{"value": 0}]},
        "mark": {"type": "rule", "color": palette.text, "opacity": 0.5, "strokeDash": [5, 4]},
        "encoding": {"x": _share("value"), "y": None, "color": None},
    }


def _spans() -> dict[str, Any]:
    mark = {"type": "rule", "strokeWidth": 2, "opacity": 0.6}
    return {"mark": mark, "encoding": {"x": _share("low"), "x2": {"field": "high"}}}


def _points() -> dict[str, Any]:
    tooltip = [{"field": "name", "title": " "}]
    for field, title in (("value", "difference"), ("low", "from"), ("high", "to")):
        tooltip.append({"field": field, "title": title, "format": "+.2%"})
    tooltip.append({"field": "images", "title": "images"})
    return {
        "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
        "encoding": {"x": _share("value"), "tooltip": tooltip},
    }

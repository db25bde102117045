"""What charts over a trace share: its axis of time, and the line at the chosen moment."""

from __future__ import annotations

from typing import Any

from fmnist_core.figures.palette import Palette

NOW = "now"


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

"""The leaderboard of a class as a figure: accuracy with its interval against what it cost."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from fmnist_ui.figures.chart import Chart, Palette, accuracy_axis, base_spec


def cost_chart(
    names: Sequence[str],
    accuracies: Sequence[float],
    intervals: Sequence[tuple[float, float]],
    costs: Sequence[float | None],
    title: str,
    palette: Palette,
) -> Chart:
    """A point a student, named, with its 95 % interval; those without a cost are left out.

    Args:
        costs: Above 0, on a logarithmic axis.
        title: Of that axis.
    """
    rows = [
        {"name": name, "cost": cost, "accuracy": accuracy, "low": low, "high": high}
        for name, accuracy, (low, high), cost in zip(
            names, accuracies, intervals, costs, strict=True
        )
        if cost
    ]
    x = {
        "field": "cost",
        "type": "quantitative",
        "title": title,
        "scale": {"type": "log", "nice": False, "padding": 30},
        "axis": {"grid": False, "format": "~s", "tickCount": 5},
    }
    y = {"field": "accuracy", **accuracy_axis()}
    tooltip = [
        {"field": "name", "title": "student"},
        {"field": "accuracy", "format": ".2%"},
        {"field": "low", "format": ".2%"},
        {"field": "high", "format": ".2%"},
        {"field": "cost", "title": title, "format": ",.3~f"},
    ]
    interval = {
        "mark": {"type": "rule", "color": palette.accent, "opacity": 0.5},
        "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
    }
    point = {
        "mark": {"type": "point", "filled": True, "size": 70, "color": palette.accent},
        "encoding": {"x": x, "y": y, "tooltip": tooltip},
    }
    label = {
        "mark": {"type": "text", "align": "left", "dx": 8, "dy": -6, "color": palette.text},
        "encoding": {"x": x, "y": y, "text": {"field": "name"}},
    }
    alt = f"Accuracy of each student's run against {title}, with 95% intervals."
    spec = {**base_spec(palette, 300), "layer": [interval, point, label]}
    return Chart(pd.DataFrame(rows, columns=["name", "cost", "accuracy", "low", "high"]), spec, alt)

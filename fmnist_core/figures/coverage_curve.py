"""Accuracy over the share of images that a network dares to answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from fmnist_core.evaluation.coverage import Answered, RiskCoverage
from fmnist_core.figures.chart import Chart, base_spec
from fmnist_core.figures.palette import Palette
from fmnist_core.figures.thinned import thinned

# Left of this, single images move the curve.
_FEWEST = 30


def coverage_curve(
    curve: RiskCoverage, now: Answered, palette: Palette, height: int = 300
) -> Chart:
    """The curve, and on it the point where the least confidence asked for has it."""
    start = min(int(np.searchsorted(curve.coverage, _FEWEST / curve.images)), len(curve.coverage))
    coverage, accuracy = curve.coverage[start:], curve.accuracy[start:]
    kept = thinned(coverage, accuracy) if len(coverage) else np.empty(0, np.int64)
    data = pd.DataFrame(
        {
            "coverage": np.round(coverage[kept], 5),
            "accuracy": np.round(accuracy[kept], 5),
            "threshold": curve.thresholds[start:][kept],
        }
    )
    line = {
        "mark": {"type": "line", "strokeWidth": 2.5, "color": palette.accent},
        "encoding": {"tooltip": _tooltip()},
    }
    spec = {
        **base_spec(palette, height),
        "encoding": {"x": _coverage(), "y": _accuracy()},
        "layer": [line, *_here(now, palette)],
    }
    return Chart(data, spec, "Accuracy of the answers given, over the share of images answered.")


def _coverage() -> dict[str, Any]:
    return {
        "field": "coverage",
        "type": "quantitative",
        "title": "images answered",
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"format": ".0%", "tickCount": 6, "grid": False},
    }


def _accuracy() -> dict[str, Any]:
    return {
        "field": "accuracy",
        "type": "quantitative",
        "title": "answers that are right",
        "scale": {"zero": False, "nice": True, "domainMax": 1},
        "axis": {"format": ".3~p", "tickCount": 5},
    }


def _here(now: Answered, palette: Palette) -> list[dict[str, Any]]:
    if not now.accuracy.of:
        return []
    low, high = now.accuracy.interval
    point = {"coverage": now.coverage.value, "accuracy": now.accuracy.value}
    data = {"values": [{**point, "low": low, "high": high}]}
    span = {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}}
    rule = {"type": "rule", "color": palette.second, "strokeWidth": 2}
    dot = {"type": "point", "filled": True, "size": 130, "color": palette.second, "opacity": 1}
    return [
        {"data": data, "mark": rule, "encoding": span},
        {"data": data, "mark": dot},
    ]


def _tooltip() -> list[dict[str, Any]]:
    return [
        {"field": "coverage", "title": "answered", "format": ".1%"},
        {"field": "accuracy", "title": "right", "format": ".2%"},
        {"field": "threshold", "title": "least confidence", "format": ".1%"},
    ]

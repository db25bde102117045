"""Bars, one a class or three."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.evaluation.report import ClassScore
from fmnist_core.figures.chart import Chart, base_spec
from fmnist_core.figures.palette import Palette

_SCORES = (("recall", "Recall"), ("precision", "Precision"), ("f1", "F1"))


def class_scores(scores: Sequence[ClassScore], palette: Palette, height: int = 420) -> Chart:
    """Precision, recall and F1 of each class as points on one line, the weakest class on top.

    Points in place of bars: all values lie between some 0.7 and 1, where bars from zero look alike.
    """
    rows = [
        (score.name, title, getattr(score, field)) for score in scores for field, title in _SCORES
    ]
    data = pd.DataFrame(rows, columns=["class", "score", "value"])
    order = [score.name for score in sorted(scores, key=lambda score: score.f1)]
    spec = {
        **base_spec(palette, height),
        "encoding": {"y": _classes_axis(order)},
        "layer": [_span(palette), _marks(palette)],
    }
    return Chart(data, spec, "Precision, recall and F1 of each class.")


def _classes_axis(order: Sequence[str]) -> dict[str, Any]:
    axis = {"domain": False, "ticks": False, "grid": False, "labelOverlap": False}
    return {"field": "class", "type": "nominal", "sort": list(order), "title": None, "axis": axis}


def _span(palette: Palette) -> dict[str, Any]:
    ends = {
        "x": {"field": "value", "aggregate": "min", "type": "quantitative"},
        "x2": {"field": "value", "aggregate": "max"},
    }
    mark = {"type": "rule", "color": palette.text, "opacity": 0.3, "strokeWidth": 2}
    return {"mark": mark, "encoding": ends}


def _marks(palette: Palette) -> dict[str, Any]:
    titles = [title for _, title in _SCORES]
    x = {
        "field": "value",
        "type": "quantitative",
        "title": None,
        "scale": {"zero": False, "nice": True, "domainMax": 1},
        "axis": {"format": ".0%", "tickCount": 6, "orient": "top"},
    }
    colours = {"domain": titles, "range": [palette.accent, palette.second, palette.text]}
    shapes = {"domain": titles, "range": ["circle", "diamond", "square"]}
    legend = {"orient": "top", "title": None, "columns": 3}
    return {
        "mark": {"type": "point", "filled": True, "size": 90, "opacity": 0.95},
        "encoding": {
            "x": x,
            "color": {"field": "score", "type": "nominal", "scale": colours, "legend": legend},
            "shape": {"field": "score", "type": "nominal", "scale": shapes, "legend": legend},
            "tooltip": [
                {"field": "class", "title": " "},
                {"field": "score", "title": "what"},
                {"field": "value", "title": "share", "format": ".1%"},
            ],
        },
    }


def class_counts(parts: Mapping[str, Sequence[int]], palette: Palette, height: int = 320) -> Chart:
    """Images of each class, stacked by part (such as training, validation, test).

    Args:
        parts: For each part its ten counts, in class order.
    """
    rows = [
        (name, part, int(count), order)
        for order, (part, counts) in enumerate(parts.items())
        for name, count in zip(CLASS_NAMES, counts, strict=True)
    ]
    names = list(parts)
    data = pd.DataFrame(rows, columns=["class", "part", "images", "order"])
    shades = {"domain": names, "range": _fading(len(names))}
    colours = {"domain": list(CLASS_NAMES), "range": list(CLASS_COLOURS)}
    spec = {
        **base_spec(palette, height),
        "mark": {"type": "bar", "cornerRadius": 2},
        "encoding": {
            "y": _classes_axis(CLASS_NAMES),
            "x": {"field": "images", "type": "quantitative", "title": "images"},
            "order": {"field": "order"},
            "color": {"field": "class", "type": "nominal", "scale": colours, "legend": None},
            "opacity": {
                "field": "part",
                "type": "nominal",
                "scale": shades,
                "legend": {
                    "orient": "top",
                    "title": None,
                    "symbolFillColor": palette.text,
                    "symbolStrokeWidth": 0,
                },
            },
            "tooltip": [{"field": "class"}, {"field": "part"}, {"field": "images", "format": ","}],
        },
    }
    return Chart(data, spec, f"Images of each class in {', '.join(names)}.")


def _fading(count: int) -> list[float]:
    return (
        [round(1 - 0.75 * i / max(1, count - 1), 2) for i in range(count)] if count > 1 else [1.0]
    )

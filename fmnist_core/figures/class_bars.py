"""A line a class: how well it is recognised, or how many images there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.evaluation.class_report import ClassReport
from fmnist_core.figures.chart import Chart, base_spec
from fmnist_core.figures.palette import Palette

_SCORES = (("recall", "Recall"), ("precision", "Precision"), ("f1", "F1"))


def class_scores(reports: Sequence[ClassReport], palette: Palette, height: int = 520) -> Chart:
    """Recall, precision and F1 of each class with their 95 % intervals, the weakest class on top.

    Points in place of bars: all values lie between some 0.7 and 1, where bars from zero look alike.
    """
    rows = [
        (report.name, title, share.value, *share.interval, share.of)
        for report in reports
        for field, title in _SCORES
        for share in [getattr(report, field)]
    ]
    data = pd.DataFrame(rows, columns=["class", "score", "value", "low", "high", "images"])
    order = [report.name for report in sorted(reports, key=lambda report: report.f1.value)]
    lanes = {"field": "score", "type": "nominal", "sort": [title for _, title in _SCORES]}
    spec = {
        **base_spec(palette, height),
        "encoding": {"y": _classes_axis(order), "yOffset": lanes, "color": _score_colours(palette)},
        "layer": [_spans(), _marks()],
    }
    return Chart(data, spec, "Recall, precision and F1 of each class with their intervals.")


def _classes_axis(order: Sequence[str]) -> dict[str, Any]:
    axis = {"domain": False, "ticks": False, "grid": False, "labelOverlap": False}
    return {"field": "class", "type": "nominal", "sort": list(order), "title": None, "axis": axis}


def _score_colours(palette: Palette) -> dict[str, Any]:
    titles = [title for _, title in _SCORES]
    colours = {"domain": titles, "range": [palette.accent, palette.second, palette.text]}
    legend = {"orient": "top", "title": None, "columns": 3}
    return {"field": "score", "type": "nominal", "scale": colours, "legend": legend}


def _spans() -> dict[str, Any]:
    ends = {
        "x": {"field": "low", "type": "quantitative"},
        "x2": {"field": "high"},
    }
    return {"mark": {"type": "rule", "opacity": 0.45, "strokeWidth": 2}, "encoding": ends}


def _marks() -> dict[str, Any]:
    titles = [title for _, title in _SCORES]
    x = {
        "field": "value",
        "type": "quantitative",
        "title": None,
        "scale": {"zero": False, "nice": True, "domainMax": 1},
        "axis": {"format": ".0%", "tickCount": 6, "orient": "top"},
    }
    shapes = {"domain": titles, "range": ["circle", "diamond", "square"]}
    legend = {"orient": "top", "title": None, "columns": 3}
    return {
        "mark": {"type": "point", "filled": True, "size": 55, "opacity": 0.95},
        "encoding": {
            "x": x,
            "shape": {"field": "score", "type": "nominal", "scale": shapes, "legend": legend},
            "tooltip": [
                {"field": "class", "title": " "},
                {"field": "score", "title": "what"},
                {"field": "value", "title": "share", "format": ".1%"},
                {"field": "low", "title": "from", "format": ".1%"},
                {"field": "high", "title": "to", "format": ".1%"},
                {"field": "images", "title": "images"},
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

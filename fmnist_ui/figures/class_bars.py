"""Bars and strips a class: scores, counts, best and worst images, the most confused pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.evaluation.class_report import ClassReport, ConfusedPair
from fmnist_core.evaluation.predictions import Exemplars, Predictions
from fmnist_ui.figures.cards import card_html
from fmnist_ui.figures.chart import Chart, Palette, base_spec
from fmnist_ui.words import probability

_COLUMNS = ["pair", "way", "sentence", "count", "rate", "low", "high", "images"]

# One under the other, so that a phone shows both.
_LEGEND = {"columns": 1}

_MORE, _LESS = "more frequent direction", "other direction"


_KINDS = {"best": "highest probability", "typical": "median", "worst": "lowest probability"}


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


def class_strips(
    images: NDArray[np.uint8],
    said: Predictions,
    rows: Sequence[tuple[int, Exemplars]],
    palette: Palette,
) -> str:
    """For each class (its number and its images) three strips, as one piece of HTML.

    An image taken for another class has a frame in the colour of mistakes; what was said about it
    is told where the pointer rests on it.

    Args:
        images: uint8 (n, 28, 28), in the order of `said`.
    """
    lines = []
    for number, found in rows:
        strips = (getattr(found, kind) for kind in _KINDS)
        lines.append((number, [[_image(images, said, int(at)) for at in one] for one in strips]))
    return card_html("strips", palette, list(_KINDS.values()), lines)


def _image(images: NDArray[np.uint8], said: Predictions, index: int) -> tuple[object, bool, str]:
    true, taken = CLASS_NAMES[said.labels[index]], CLASS_NAMES[said.predicted[index]]
    share = probability(float(said.of_truth[index]))
    right = bool(said.right[index])
    verdict = "correct" if right else f"predicted {taken}"
    return images[index], right, f"Test image {index}: {true} {share}, {verdict}"


def pair_bars(pairs: Sequence[ConfusedPair], palette: Palette) -> Chart:
    """How large a share of each class is taken for the other, with 95 % intervals."""
    rows = [row for pair in pairs for row in _rows(pair)]
    data = pd.DataFrame(rows, columns=_COLUMNS)
    order = list(dict.fromkeys(data["pair"]))
    lanes = {"field": "way", "type": "nominal", "sort": [_MORE, _LESS]}
    spec = {
        **base_spec(palette, 46 * max(1, len(pairs)) + 40),
        "encoding": {"y": _pairs_axis(order), "yOffset": lanes},
        "layer": [_bars(palette), _pair_spans(palette)],
    }
    return Chart(data, spec, "Shares of two classes that are confused with each other.")


def _rows(pair: ConfusedPair) -> list[tuple[object, ...]]:
    first, second = CLASS_NAMES[pair.first], CLASS_NAMES[pair.second]
    label = f"{first} → {second}"
    return [
        (
            label,
            way,
            f"true {one}, predicted {other}",
            count,
            rate.value,
            *rate.interval,
            rate.of,
        )
        for way, one, other, count, rate in (
            (_MORE, first, second, pair.count, pair.rate),
            (_LESS, second, first, pair.back, pair.back_rate),
        )
    ]


def _pairs_axis(order: Sequence[str]) -> dict[str, Any]:
    axis = {"domain": False, "ticks": False, "grid": False, "labelOverlap": False}
    return {"field": "pair", "type": "nominal", "sort": list(order), "title": None, "axis": axis}


def _bars(palette: Palette) -> dict[str, Any]:
    ways = {"domain": [_MORE, _LESS], "range": [palette.bad, palette.second]}
    return {
        "mark": {"type": "bar", "cornerRadius": 2, "opacity": 0.85},
        "encoding": {
            "x": _share("rate"),
            "color": {"field": "way", "type": "nominal", "scale": ways, "legend": _LEGEND},
            "tooltip": [
                {"field": "sentence", "title": " "},
                {"field": "count", "title": "images"},
                {"field": "images", "title": "of"},
                {"field": "rate", "title": "share", "format": ".1%"},
                {"field": "low", "title": "from", "format": ".1%"},
                {"field": "high", "title": "to", "format": ".1%"},
            ],
        },
    }


def _pair_spans(palette: Palette) -> dict[str, Any]:
    mark = {"type": "rule", "color": palette.text, "opacity": 0.6, "strokeWidth": 1.5}
    return {"mark": mark, "encoding": {"x": _share("low"), "x2": {"field": "high"}}}


def _share(field: str) -> dict[str, Any]:
    return {
        "field": field,
        "type": "quantitative",
        "title": "share of the class",
        "axis": {"format": ".0%", "tickCount": 6},
    }

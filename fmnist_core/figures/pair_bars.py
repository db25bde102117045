"""Pairs of classes that are taken for each other, a bar for each direction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.evaluation.confused_pairs import ConfusedPair
from fmnist_core.figures.chart import Chart, base_spec
from fmnist_core.figures.palette import Palette

_COLUMNS = ["pair", "way", "sentence", "count", "rate", "low", "high", "images"]
# One under the other, so that a phone shows both.
_LEGEND = {"columns": 1}
_MORE, _LESS = "the commoner way", "the other way"


def pair_bars(pairs: Sequence[ConfusedPair], palette: Palette) -> Chart:
    """How large a share of each class is taken for the other, with 95 % intervals."""
    rows = [row for pair in pairs for row in _rows(pair)]
    data = pd.DataFrame(rows, columns=_COLUMNS)
    order = list(dict.fromkeys(data["pair"]))
    lanes = {"field": "way", "type": "nominal", "sort": [_MORE, _LESS]}
    spec = {
        **base_spec(palette, 46 * max(1, len(pairs)) + 40),
        "encoding": {"y": _pairs_axis(order), "yOffset": lanes},
        "layer": [_bars(palette), _spans(palette)],
    }
    return Chart(data, spec, "Shares of two classes that are taken for each other.")


def _rows(pair: ConfusedPair) -> list[tuple[object, ...]]:
    first, second = CLASS_NAMES[pair.first], CLASS_NAMES[pair.second]
    label = f"{first} → {second}"
    return [
        (
            label,
            way,
            f"{one} taken for {other}",
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


def _spans(palette: Palette) -> dict[str, Any]:
    mark = {"type": "rule", "color": palette.text, "opacity": 0.6, "strokeWidth": 1.5}
    return {"mark": mark, "encoding": {"x": _share("low"), "x2": {"field": "high"}}}


def _share(field: str) -> dict[str, Any]:
    return {
        "field": field,
        "type": "quantitative",
        "title": "share of the class",
        "axis": {"format": ".0%", "tickCount": 6},
    }

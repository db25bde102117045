"""How often a network is right, over how sure it says it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from fmnist_core.evaluation.diagram import Bin
from fmnist_core.figures.chart import Chart, base_spec
from fmnist_core.figures.palette import Palette

_TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1]
# Both figures keep so many pixels for the labels on the left, so that their bins line up.
_ALIGNED = {"minExtent": 44, "maxExtent": 44}
# One under the other, so that a phone shows both.
_LEGEND = {"columns": 1}
_COLUMNS = ["low", "high", "images", "confidence", "accuracy", "least", "most", "verdict"]
_FITS, _OFF = "as sure as right", "off by more than chance"


def reliability_diagram(bins: Sequence[Bin], palette: Palette, height: int = 360) -> Chart:
    """Accuracy and its 95 % interval in each bin; on the diagonal word and deed agree."""
    spec = {
        **base_spec(palette, height),
        "layer": [_diagonal(palette), _bars(palette), _spans(palette), _points(palette)],
    }
    return Chart(_rows(bins), spec, "Accuracy over stated confidence, in bins (reliability).")


def bin_counts(bins: Sequence[Bin], palette: Palette, height: int = 110) -> Chart:
    """How many images each bin rests on; the root lets the few be seen beside the many."""
    count = {
        "field": "images",
        "type": "quantitative",
        "title": "images",
        "scale": {"type": "sqrt"},
        "axis": {"values": [10, 1000, 5000], "format": "~s", **_ALIGNED},
    }
    spec = {
        **base_spec(palette, height),
        "mark": {"type": "bar", "color": palette.text, "opacity": 0.35, "binSpacing": 1},
        "encoding": {
            "x": {**_confidence("low"), "title": None},
            "x2": {"field": "high"},
            "y": count,
            "y2": {"datum": 0},
            **_tooltip(),
        },
    }
    return Chart(_rows(bins), spec, "Images in each bin of confidence.")


def _rows(bins: Sequence[Bin]) -> pd.DataFrame:
    rows = [
        (
            each.low,
            each.high,
            each.images,
            each.confidence,
            each.accuracy,
            *each.interval,
            _OFF if each.off else _FITS,
        )
        for each in bins
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _confidence(field: str) -> dict[str, Any]:
    return {
        "field": field,
        "type": "quantitative",
        "title": "how sure it says it is",
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"values": _TICKS, "format": ".0%", "grid": False},
    }


def _share(field: str) -> dict[str, Any]:
    return {
        "field": field,
        "type": "quantitative",
        "title": "how often it is right",
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"values": _TICKS, "format": ".0%", **_ALIGNED},
    }


def _diagonal(palette: Palette) -> dict[str, Any]:
    ends = {"values": [{"confidence": 0, "accuracy": 0}, {"confidence": 1, "accuracy": 1}]}
    return {
        "data": ends,
        "mark": {"type": "line", "color": palette.text, "strokeDash": [5, 4], "opacity": 0.5},
        "encoding": {"x": _confidence("confidence"), "y": _share("accuracy")},
    }


def _bars(palette: Palette) -> dict[str, Any]:
    return {
        "mark": {"type": "bar", "color": palette.accent, "opacity": 0.22},
        "encoding": {
            "x": _confidence("low"),
            "x2": {"field": "high"},
            "y": _share("accuracy"),
            "y2": {"datum": 0},
            **_tooltip(),
        },
    }


def _spans(palette: Palette) -> dict[str, Any]:
    return {
        "mark": {"type": "rule", "color": palette.text, "opacity": 0.55, "strokeWidth": 2},
        "encoding": {
            "x": _confidence("confidence"),
            "y": _share("least"),
            "y2": {"field": "most"},
        },
    }


def _points(palette: Palette) -> dict[str, Any]:
    verdicts = [_FITS, _OFF]
    colours = {"domain": verdicts, "range": [palette.accent, palette.bad]}
    shapes = {"domain": verdicts, "range": ["circle", "diamond"]}
    return {
        "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
        "encoding": {
            "x": _confidence("confidence"),
            "y": _share("accuracy"),
            "color": {"field": "verdict", "type": "nominal", "scale": colours, "legend": _LEGEND},
            "shape": {"field": "verdict", "type": "nominal", "scale": shapes, "legend": _LEGEND},
            **_tooltip(),
        },
    }


def _tooltip() -> dict[str, Any]:
    shares = {"confidence": "says", "accuracy": "is right", "least": "from", "most": "to"}
    rows = [{"field": name, "title": title, "format": ".1%"} for name, title in shares.items()]
    return {"tooltip": [*rows, {"field": "images", "title": "images"}]}

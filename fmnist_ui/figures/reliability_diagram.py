"""Calibration: the reliability diagram, temperature and coverage curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from fmnist_core.evaluation.calibration import Bin, RiskCoverage, SelectiveAccuracy, TemperatureLoss
from fmnist_ui.figures.chart import Chart, Palette, base_spec, thinned

# Left of this, single images move the curve.
_FEWEST = 30

_TEMPERATURE_CURVE_TICKS = [0.25, 0.5, 1, 2, 4]

_TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1]
# Both figures keep so many pixels for the labels on the left, so that their bins line up.
_ALIGNED = {"minExtent": 44, "maxExtent": 44}
# One under the other, so that a phone shows both.
_LEGEND = {"columns": 1}
_COLUMNS = ["low", "high", "images", "confidence", "accuracy", "least", "most", "verdict"]
_FITS, _OFF = "calibrated", "significantly miscalibrated"


def reliability_diagram(bins: Sequence[Bin], palette: Palette, height: int = 360) -> Chart:
    """Accuracy and its 95% interval in each bin; on the diagonal confidence equals accuracy."""
    spec = {
        **base_spec(palette, height),
        "layer": [_diagonal(palette), _bars(palette), _spans(palette), _points(palette)],
    }
    return Chart(_rows(bins), spec, "Accuracy over confidence, in bins (reliability diagram).")


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
        "title": "confidence",
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"values": _TICKS, "format": ".0%", "grid": False},
    }


def _diagonal(palette: Palette) -> dict[str, Any]:
    ends = {"values": [{"confidence": 0, "accuracy": 0}, {"confidence": 1, "accuracy": 1}]}
    return {
        "data": ends,
        "mark": {"type": "line", "color": palette.text, "strokeDash": [5, 4], "opacity": 0.5},
        "encoding": {"x": _confidence("confidence"), "y": _share("accuracy")},
    }


def _share(field: str) -> dict[str, Any]:
    return {
        "field": field,
        "type": "quantitative",
        "title": "accuracy",
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"values": _TICKS, "format": ".0%", **_ALIGNED},
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
    shares = {"confidence": "says", "accuracy": "accuracy", "least": "from", "most": "to"}
    rows = [{"field": name, "title": title, "format": ".1%"} for name, title in shares.items()]
    return {"tooltip": [*rows, {"field": "images", "title": "images"}]}


def temperature_curve(
    sweep: Sequence[TemperatureLoss],
    chosen: float,
    fitted: float | None,
    palette: Palette,
    height: int = 200,
) -> Chart:
    """Calibration error over temperature, with the chosen and the fitted one marked.

    Args:
        sweep: By rising temperature.
        chosen: Where the slider stands.
        fitted: The optimum on validation images, None where there is none.
    """
    rows = [(each.temperature, each.error, each.loss) for each in sweep]
    data = pd.DataFrame(rows, columns=["temperature", "error", "loss"])
    marks = [("chosen", chosen)] + ([] if fitted is None else [("fitted on validation", fitted)])
    line = {
        "mark": {"type": "line", "strokeWidth": 2.5, "color": palette.accent, "point": False},
        "encoding": {"y": _error(), "tooltip": _temperature_tooltip()},
    }
    spec = {
        **base_spec(palette, height),
        "encoding": {"x": _temperature()},
        "layer": [_rules(marks, palette), line],
    }
    return Chart(data, spec, "Expected calibration error over temperature.")


def _temperature() -> dict[str, Any]:
    return {
        "field": "temperature",
        "type": "quantitative",
        "title": "temperature",
        "scale": {
            "type": "log",
            "nice": False,
            "domain": [_TEMPERATURE_CURVE_TICKS[0], _TEMPERATURE_CURVE_TICKS[-1]],
        },
        "axis": {"values": _TEMPERATURE_CURVE_TICKS, "format": "~g", "grid": False},
    }


def _error() -> dict[str, Any]:
    return {
        "field": "error",
        "type": "quantitative",
        "title": "ECE",
        "scale": {"zero": True, "nice": True},
        "axis": {"format": ".0%", "tickCount": 4},
    }


def _rules(marks: Sequence[tuple[str, float]], palette: Palette) -> dict[str, Any]:
    values = [{"what": what, "temperature": where} for what, where in marks]
    names = {"domain": ["chosen", "fitted on validation"]}
    return {
        "data": {"values": values},
        "mark": {"type": "rule", "strokeWidth": 2},
        "encoding": {
            "color": {
                "field": "what",
                "type": "nominal",
                "scale": {**names, "range": [palette.text, palette.good]},
            },
            "strokeDash": {
                "field": "what",
                "type": "nominal",
                "scale": {**names, "range": [[1, 0], [6, 4]]},
            },
        },
    }


def _temperature_tooltip() -> list[dict[str, Any]]:
    return [
        {"field": "temperature", "title": "temperature", "format": ".2f"},
        {"field": "error", "title": "ECE", "format": ".2%"},
        {"field": "loss", "title": "loss", "format": ".4f"},
    ]


def coverage_curve(
    curve: RiskCoverage, now: SelectiveAccuracy, palette: Palette, height: int = 300
) -> Chart:
    """Accuracy over coverage, with the point of the chosen threshold of confidence."""
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
        "encoding": {"tooltip": _coverage_tooltip()},
    }
    spec = {
        **base_spec(palette, height),
        "encoding": {"x": _coverage(), "y": _accuracy()},
        "layer": [line, *_here(now, palette)],
    }
    return Chart(data, spec, "Accuracy over coverage (selective prediction).")


def _coverage() -> dict[str, Any]:
    return {
        "field": "coverage",
        "type": "quantitative",
        "title": "coverage",
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"format": ".0%", "tickCount": 6, "grid": False},
    }


def _accuracy() -> dict[str, Any]:
    return {
        "field": "accuracy",
        "type": "quantitative",
        "title": "accuracy",
        "scale": {"zero": False, "nice": True, "domainMax": 1},
        "axis": {"format": ".3~p", "tickCount": 5},
    }


def _here(now: SelectiveAccuracy, palette: Palette) -> list[dict[str, Any]]:
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


def _coverage_tooltip() -> list[dict[str, Any]]:
    return [
        {"field": "coverage", "title": "answered", "format": ".1%"},
        {"field": "accuracy", "title": "right", "format": ".2%"},
        {"field": "threshold", "title": "confidence threshold", "format": ".1%"},
    ]

"""Reliability diagram; temperature, coverage, precision-recall and ROC curves; pixel histogram."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.evaluation.calibration import Bin, RiskCoverage, SelectiveAccuracy, TemperatureLoss
from fmnist_core.evaluation.roc import OneVsRest
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
        "title": "how often it is right",
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
    shares = {"confidence": "says", "accuracy": "is right", "least": "from", "most": "to"}
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
        "title": "calibration error",
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
        {"field": "error", "title": "calibration error", "format": ".2%"},
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
        {"field": "threshold", "title": "least confidence", "format": ".1%"},
    ]


def pixel_histogram(
    counts: NDArray[np.integer],
    edges: NDArray[np.floating],
    palette: Palette,
    *,
    title: str,
    height: int = 220,
) -> Chart:
    """A histogram on a root scale: half of all pixels are black and would hide the others.

    Args:
        counts: int (n,), pixels in each bin.
        edges: float (n + 1,), ends of the bins.
        title: What the values are, such as "pixel value (0 to 255)".
    """
    rows = {
        "from": np.asarray(edges[:-1], dtype="float64"),
        "to": np.asarray(edges[1:], dtype="float64"),
        "share": np.asarray(counts, dtype="float64") / max(1, int(np.sum(counts))),
    }
    x = {"field": "from", "type": "quantitative", "title": title, "axis": {"grid": False}}
    y = {
        "field": "share",
        "type": "quantitative",
        "title": None,
        "scale": {"type": "sqrt"},
        "axis": {"format": ".0%", "tickCount": 5},
    }
    tooltip = [
        {"field": "from", "type": "quantitative", "format": "~g"},
        {"field": "to", "type": "quantitative", "format": "~g"},
        {"field": "share", "type": "quantitative", "format": ".2%"},
    ]
    spec = {
        **base_spec(palette, height),
        "mark": {"type": "bar", "color": palette.accent, "binSpacing": 0.5},
        "encoding": {
            "x": {**x, "bin": "binned"},
            "x2": {"field": "to"},
            "y": y,
            "tooltip": tooltip,
        },
    }
    return Chart(pd.DataFrame(rows), spec, f"How often each {title} occurs.")


def precision_recall_curves(
    curves: Sequence[OneVsRest], palette: Palette, height: int = 380
) -> Chart:
    """Precision over recall of each class; the further to the upper right, the better."""
    parts = [_curve_rows(curve, curve.recall, curve.precision) for curve in curves]
    spec = _spec(
        curves,
        palette,
        height,
        ("recall", _share_axis()),
        ("precision", _share_axis()),
    )
    return Chart(pd.concat(parts), spec, "Precision over recall of each class.")


def roc_curves(curves: Sequence[OneVsRest], palette: Palette, height: int = 380) -> Chart:
    """True over false alarms of each class; the further to the upper left, the better.

    The root gives room to the few false alarms, where all curves of a good network lie.
    """
    parts = [
        _curve_rows(
            curve, np.append(0.0, curve.false_alarms), np.append(0.0, curve.recall), ahead=1
        )
        for curve in curves
    ]
    x = {"scale": {"type": "sqrt", "domain": [0, 1]}, "ticks": [0, 0.01, 0.05, 0.2, 0.5, 1]}
    spec = _spec(curves, palette, height, ("false alarms", x), ("recall", _share_axis()))
    return Chart(pd.concat(parts), spec, "True over false alarms of each class (ROC).")


def _share_axis() -> dict[str, Any]:
    return {"scale": {"domain": [0, 1]}, "ticks": [0, 0.25, 0.5, 0.75, 1]}


def _curve_rows(
    curve: OneVsRest, x: NDArray[np.float64], y: NDArray[np.float64], ahead: int = 0
) -> pd.DataFrame:
    """Points of one curve; the first `ahead` of them lie above every threshold."""
    kept = thinned(np.sqrt(x) if ahead else x, y)
    thresholds = np.append(np.full(ahead, np.nan), curve.thresholds)
    return pd.DataFrame(
        {
            "class": CLASS_NAMES[curve.number],
            "order": kept,
            "x": np.round(x[kept], 5),
            "y": np.round(y[kept], 5),
            "threshold": thresholds[kept],
        }
    )


def _spec(
    curves: Sequence[OneVsRest],
    palette: Palette,
    height: int,
    across: tuple[str, dict[str, Any]],
    up: tuple[str, dict[str, Any]],
) -> dict[str, Any]:
    names = [CLASS_NAMES[curve.number] for curve in curves]
    colours = [CLASS_COLOURS[curve.number] for curve in curves]
    legend = {"orient": "bottom", "title": None, "columns": 3, "symbolType": "stroke"}
    chosen = {
        "name": "chosen",
        "select": {"type": "point", "fields": ["class"]},
        "bind": "legend",
    }
    return {
        **base_spec(palette, height),
        "params": [chosen],
        "mark": {"type": "line", "strokeWidth": 2.5, "clip": True},
        "encoding": {
            "x": _axis("x", *across),
            "y": _axis("y", *up),
            "order": {"field": "order"},
            "color": {
                "field": "class",
                "type": "nominal",
                "scale": {"domain": names, "range": colours},
                "legend": legend,
            },
            "opacity": {"condition": {"param": "chosen", "value": 1}, "value": 0.12},
            "tooltip": [
                {"field": "class", "title": " "},
                {"field": "x", "title": across[0], "format": ".1%"},
                {"field": "y", "title": up[0], "format": ".1%"},
                {"field": "threshold", "title": "at probability", "format": ".3f"},
            ],
        },
    }


def _axis(field: str, title: str, form: dict[str, Any]) -> dict[str, Any]:
    axis = {"format": ".0%", "values": form["ticks"]}
    return {
        "field": field,
        "type": "quantitative",
        "title": title,
        "scale": form["scale"],
        "axis": axis,
    }

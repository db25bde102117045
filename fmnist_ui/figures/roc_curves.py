"""Precision over recall and ROC curves of each class against all others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.evaluation.roc import OneVsRest
from fmnist_ui.figures.chart import Chart, Palette, base_spec, thinned


def precision_recall_curves(
    curves: Sequence[OneVsRest], palette: Palette, height: int = 380
) -> Chart:
    """Precision over recall of each class; the further to the upper right, the better."""
    parts = [_points(curve, curve.recall, curve.precision) for curve in curves]
    spec = _spec(
        curves,
        palette,
        height,
        ("recall", _share_axis()),
        ("precision", _share_axis()),
    )
    return Chart(pd.concat(parts), spec, "Precision-recall curve of each class.")


def roc_curves(curves: Sequence[OneVsRest], palette: Palette, height: int = 380) -> Chart:
    """True over false positive rate of each class; the further to the upper left, the better.

    The root gives room to the few false positives, where all curves of a good network lie.
    """
    parts = [
        _points(curve, np.append(0.0, curve.false_alarms), np.append(0.0, curve.recall), ahead=1)
        for curve in curves
    ]
    x = {"scale": {"type": "sqrt", "domain": [0, 1]}, "ticks": [0, 0.01, 0.05, 0.2, 0.5, 1]}
    spec = _spec(
        curves, palette, height, ("false positive rate", x), ("true positive rate", _share_axis())
    )
    return Chart(pd.concat(parts), spec, "ROC curve of each class.")


def _share_axis() -> dict[str, Any]:
    return {"scale": {"domain": [0, 1]}, "ticks": [0, 0.25, 0.5, 0.75, 1]}


def _points(
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
                {"field": "threshold", "title": "threshold", "format": ".3f"},
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

"""Loss and accuracy of one run while it goes on.

The specification depends on nothing but the number of epochs and the theme: only the data grows,
and so the curve moves without being built anew.
"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from fmnist_core.figures.axes import (
    epoch_axis,
    loss_axis,
    rate_axis,
    stretched_accuracy_axis,
)
from fmnist_core.figures.chart import Chart, base_spec
from fmnist_core.figures.palette import Palette
from fmnist_core.figures.series import smooth, thin
from fmnist_core.runs.history import History

_TRAINING, _VALIDATION = "Training", "Validation"
_COLUMNS = ["x", "value", "smooth", "who", "kind"]


def accuracy_curve(history: History, palette: Palette, height: int = 300) -> Chart:
    """Accuracy per group of batches and per epoch, training and validation."""
    return _curve(history, "accuracy", stretched_accuracy_axis(), ".1%", palette, height)


def loss_curve(history: History, palette: Palette, height: int = 300) -> Chart:
    """Loss per group of batches and per epoch, training and validation."""
    return _curve(history, "loss", loss_axis(), ".3f", palette, height)


def rate_curve(history: History, palette: Palette, height: int = 120) -> Chart:
    """The learning rate as it was, step by step."""
    points = thin(history.batches)
    rows = {"x": [p.x for p in points], "rate": [p.learning_rate for p in points]}
    line = {"type": "line", "color": palette.accent, "strokeWidth": 2, "interpolate": "step-after"}
    encoding = {"x": epoch_axis(history.epochs), "y": {"field": "rate", **rate_axis()}}
    encoding["x"] = {"field": "x", **encoding["x"]}
    spec = {**base_spec(palette, height), "mark": line, "encoding": encoding}
    return Chart(pd.DataFrame(rows, dtype="float64"), spec, "Learning rate over the epochs.")


def _curve(
    history: History, field: str, axis: dict[str, Any], form: str, palette: Palette, height: int
) -> Chart:
    colour = {
        "field": "who",
        "type": "nominal",
        "scale": {"domain": [_TRAINING, _VALIDATION], "range": [palette.accent, palette.second]},
        # The thin line of single batches must not lend its faintness to the legend.
        "legend": {"orient": "top", "title": None, "symbolOpacity": 1, "symbolType": "circle"},
    }
    x = {"field": "x", **epoch_axis(history.epochs)}
    spec = {
        **base_spec(palette, height),
        "encoding": {"x": x, "color": colour},
        "layer": _layers(axis, form, field),
    }
    alt = f"{field.capitalize()} over the epochs, training and validation."
    return Chart(_rows(history, field), spec, alt)


def _layers(axis: dict[str, Any], form: str, field: str) -> list[dict[str, Any]]:
    def layer(kind: str, y: str, mark: dict[str, Any], **more: Any) -> dict[str, Any]:
        encoding = {"y": {"field": y, **axis}, **more}
        mark = {"clip": True, **mark}
        filters = [{"filter": {"field": "kind", "equal": kind}}]
        return {"transform": filters, "mark": mark, "encoding": encoding}

    tooltip = [
        {"field": "who", "type": "nominal", "title": " "},
        {"field": "x", "type": "quantitative", "title": "epoch", "format": "~g"},
        {"field": "value", "type": "quantitative", "title": field, "format": form},
    ]
    raw = {"type": "line", "strokeWidth": 1, "opacity": 0.25}
    trend = {"type": "line", "strokeWidth": 2}
    whole = {"type": "line", "strokeWidth": 2, "strokeDash": [1, 3]}
    dots = {"type": "point", "filled": True, "size": 48, "opacity": 1}
    return [
        layer("batch", "value", raw),
        layer("batch", "smooth", trend),
        layer("epoch", "value", whole),
        layer("epoch", "value", dots, tooltip=tooltip),
    ]


def _rows(history: History, field: str) -> pd.DataFrame:
    batches = history.batches
    values = [getattr(point, field) for point in batches]
    curve = thin(list(zip((p.x for p in batches), values, smooth(values), strict=True)))
    rows = [(x, _shown(v, field), _shown(s, field), _TRAINING, "batch") for x, v, s in curve]
    for point in history.epochs_done:
        for who, name in ((_TRAINING, field), (_VALIDATION, f"val_{field}")):
            value = _shown(getattr(point, name), field)
            if value is not None:
                rows.append((float(point.epoch), value, None, who, "epoch"))
    return pd.DataFrame(rows, columns=_COLUMNS).astype({"value": "float64", "smooth": "float64"})


def _shown(value: float | None, field: str) -> float | None:
    """None for what the scale has no place for: NaN, infinity, and a loss of zero."""
    if value is None or not math.isfinite(value):
        return None
    return None if field == "loss" and value <= 0 else value

"""Loss, accuracy and learning rate over epochs: one run live, several runs, several seeds.

The specification depends on the number of epochs, the theme and the lowest ten per cent of the
accuracies alone: only the data grows, and so the curve moves without being built anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmnist_core.evaluation import finite, seed_course
from fmnist_core.runs.history import EpochPoint, History
from fmnist_ui.figures.chart import (
    Chart,
    Palette,
    accuracy_axis,
    base_spec,
    epoch_axis,
    loss_axis,
    rate_axis,
    smooth,
    thin,
)

_BAND_COLUMNS = ["x", "value", "low", "high", "seed", "seeds", "deviation", "kind"]

_SEED_POINTS = 100

# A logarithmic axis has no place for nothing, nor for a band that reaches below it.
_LEAST = 1e-4

_NUMBERS = dict.fromkeys(("x", "value", "low", "high", "seeds", "deviation"), "float64")

# One line of the legend a run, so that long names fit a phone.
_LEGEND = {"orient": "bottom", "title": None, "columns": 1, "labelLimit": 320, "offset": 0}

_LEGEND_LINE = 20

_TRAINING, _VALIDATION = "Training (smoothed)", "Validation"
_COLUMNS = ["x", "value", "smooth", "who", "kind"]


@dataclass(frozen=True)
class Metric:
    """A metric: its title, its field of an epoch, its scale, its number format."""

    title: str
    field: str
    axis: dict[str, Any]
    form: str

    def of(self, point: EpochPoint) -> float | None:
        """The value at one epoch; None where it cannot be drawn."""
        value = getattr(point, self.field)
        if value is None or not math.isfinite(value):
            return None
        return None if self.axis["scale"].get("type") == "log" and value <= 0 else value


METRICS: tuple[Metric, ...] = (
    Metric("Validation accuracy", "val_accuracy", accuracy_axis(), ".2%"),
    Metric("Validation loss", "val_loss", loss_axis(), ".4f"),
    Metric("Training accuracy", "accuracy", accuracy_axis(), ".2%"),
    Metric("Training loss", "loss", loss_axis(), ".4f"),
    Metric("Learning rate", "learning_rate", rate_axis(), ".2e"),
    Metric("Seconds per epoch", "seconds", rate_axis(), ".1f"),
)


def accuracy_curve(history: History, palette: Palette, height: int = 300) -> Chart:
    """Accuracy per group of batches (training) and per epoch (validation)."""
    points = [*history.batches, *history.epochs_done]
    known = [
        getattr(point, name, None) for point in points for name in ("accuracy", "val_accuracy")
    ]
    return _curve(history, "accuracy", _share_axis(known), ".1%", palette, height)


def loss_curve(history: History, palette: Palette, height: int = 300) -> Chart:
    """Loss per group of batches (training) and per epoch (validation)."""
    return _curve(history, "loss", loss_axis(), ".3f", palette, height)


def _share_axis(values: Iterable[float | None]) -> dict[str, Any]:
    """Linear up to 100%, from the multiple of 10% below the lowest value: it hardly ever moves."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    low = min(90, 10 * math.floor(10 * min(known, default=0.0)))
    return {
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [low / 100, 1], "nice": False, "zero": False},
        "axis": {"format": ".0%", "tickCount": 6},
    }


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
    colours = [palette.accent, palette.second]
    # One legend for both scales, since they have the same field and domain.
    who = {"field": "who", "type": "nominal", "legend": {"orient": "top", "title": None}}
    colour = {**who, "scale": {"domain": [_TRAINING, _VALIDATION], "range": colours}}
    dash = {**who, "scale": {"domain": [_TRAINING, _VALIDATION], "range": [[1, 0], [6, 3]]}}
    x = {"field": "x", **epoch_axis(history.epochs)}
    spec = {
        **base_spec(palette, height),
        "encoding": {"x": x},
        "layer": _layers(axis, form, field, palette, colour, dash),
    }
    alt = f"{field.capitalize()} over the epochs: training, smoothed, and validation."
    return Chart(_rows(history, field), spec, alt)


def _layers(
    axis: dict[str, Any],
    form: str,
    field: str,
    palette: Palette,
    colour: dict[str, Any],
    dash: dict[str, Any],
) -> list[dict[str, Any]]:
    def layer(kind: str, mark: dict[str, Any], **encoding: Any) -> dict[str, Any]:
        filters = [{"filter": {"field": "kind", "equal": kind}}]
        return {"transform": filters, "mark": {"clip": True, **mark}, "encoding": encoding}

    def y(name: str) -> dict[str, Any]:
        return {"field": name, **axis}

    tooltip = [
        {"field": "who", "type": "nominal", "title": " "},
        {"field": "x", "type": "quantitative", "title": "epoch", "format": ".3~g"},
        {"field": "value", "type": "quantitative", "title": field, "format": form},
    ]
    line = {"type": "line", "strokeWidth": 2}
    point = {"type": "point", "filled": True, "size": 48}
    lost = {"color": palette.bad, "clip": False}
    return [
        layer(
            "batch",
            {**line, "strokeWidth": 1, "opacity": 0.25, "color": palette.accent},
            y=y("value"),
        ),
        layer("batch", line, y=y("smooth"), color=colour, strokeDash=dash),
        layer("batch", {**point, "opacity": 0}, y=y("smooth"), tooltip=tooltip),
        layer("epoch", line, y=y("value"), color=colour, strokeDash=dash),
        layer(
            "epoch", {**point, "color": palette.second, "opacity": 1}, y=y("value"), tooltip=tooltip
        ),
        layer("nan", {"type": "rule", "strokeDash": [2, 2], **lost}),
        layer(
            "nan",
            {"type": "text", "text": "NaN", "align": "left", "dx": 4, "dy": 8, **lost},
            y={"value": 0},
        ),
    ]


def _rows(history: History, field: str) -> pd.DataFrame:
    """Of a run without groups of batches, as in older logs, the epochs make the training line."""
    if history.batches:
        places = [point.x for point in history.batches]
        values = [getattr(point, field) for point in history.batches]
        smoothed = smooth(values)
    else:
        places = [float(point.epoch) for point in history.epochs_done]
        smoothed = values = [getattr(point, field) for point in history.epochs_done]
    curve = thin(list(zip(places, values, smoothed, strict=True)))
    rows = [(x, _shown(v, field), _shown(s, field), _TRAINING, "batch") for x, v, s in curve]
    for point in history.epochs_done:
        value = _shown(getattr(point, f"val_{field}"), field)
        if value is not None:
            rows.append((float(point.epoch), value, None, _VALIDATION, "epoch"))
    if (first := _first_lost(history, field)) is not None:
        rows.append((first, None, None, _TRAINING, "nan"))
    # Column by column, and words as plain objects: four times as fast as from rows, and a class has
    # thirty curves that move every second.
    columns = list(zip(*rows, strict=True)) or [()] * len(_COLUMNS)
    kinds: tuple[Any, ...] = ("float64", "float64", "float64", object, object)
    found = zip(_COLUMNS, columns, kinds, strict=True)
    return pd.DataFrame({name: np.array(each, dtype=kind) for name, each, kind in found})


def _first_lost(history: History, field: str) -> float | None:
    """Where the training first gave NaN or infinity, in epochs; None where it never did."""
    places = [point.x for point in history.batches if not math.isfinite(getattr(point, field))]
    places += [
        float(point.epoch)
        for point in history.epochs_done
        for value in (getattr(point, field), getattr(point, f"val_{field}"))
        if value is not None and not math.isfinite(value)
    ]
    return min(places, default=None)


def _shown(value: float | None, field: str) -> float | None:
    """None for what the scale has no place for: NaN, infinity, and a loss of zero."""
    if value is None or not math.isfinite(value):
        return None
    return None if field == "loss" and value <= 0 else value


def run_curves(
    runs: Mapping[str, History], metric: Metric, palette: Palette, height: int = 340
) -> Chart:
    """`metric` per epoch of each run; the keys of `runs` are the names shown."""
    rows = [
        (name, point.epoch, value)
        for name, history in runs.items()
        for point in history.epochs_done
        if (value := metric.of(point)) is not None
    ]
    epochs = max((history.epochs for history in runs.values()), default=1)
    data = pd.DataFrame(rows, columns=["run", "epoch", "value"])
    alt = f"{metric.title} per epoch of {', '.join(runs) or 'no run'}."
    return Chart(data, _spec(list(runs), metric, epochs, palette, height), alt)


def _spec(
    names: list[str], metric: Metric, epochs: int, palette: Palette, height: int
) -> dict[str, Any]:
    colours = [palette.series[i % len(palette.series)] for i in range(len(names))]
    tooltip = [
        {"field": "run", "type": "nominal", "title": " "},
        {"field": "epoch", "type": "quantitative", "title": "epoch"},
        {"field": "value", "type": "quantitative", "title": metric.title, "format": metric.form},
    ]
    shown = {"condition": {"param": "chosen", "value": 1}, "value": 0.15}
    encoding = {
        "x": {"field": "epoch", **epoch_axis(epochs)},
        "y": {"field": "value", **metric.axis},
        "color": {
            "field": "run",
            "type": "nominal",
            "scale": {"domain": names, "range": colours},
            "legend": _LEGEND if len(names) > 1 else None,
        },
        "opacity": shown,
    }
    chosen: dict[str, Any] = {"name": "chosen", "select": {"type": "point", "fields": ["run"]}}
    if len(names) > 1:
        chosen["bind"] = "legend"
    dots = {"type": "point", "filled": True, "size": 36}
    return {
        **base_spec(palette, height + _LEGEND_LINE * len(names)),
        "encoding": encoding,
        "layer": [
            {"mark": {"type": "line", "strokeWidth": 2, "clip": True}, "params": [chosen]},
            {"mark": dots, "encoding": {"tooltip": tooltip}},
        ],
    }


def planned_rate(
    epochs: NDArray[np.float64], rates: NDArray[np.float64], palette: Palette, height: int = 220
) -> Chart:
    """Rate against time.

    Args:
        epochs: float64 (n,), epochs done, rising to the length of the run.
        rates: float64 (n,), the learning rate there.
    """
    encoding = {
        "x": {"field": "epoch", **epoch_axis(round(float(epochs[-1])))},
        "y": {"field": "rate", **rate_axis()},
    }
    area = {
        "type": "area",
        "color": palette.accent,
        "opacity": 0.12,
        "line": {"color": palette.accent, "strokeWidth": 2},
    }
    spec = {**base_spec(palette, height), "mark": area, "encoding": encoding}
    data = pd.DataFrame({"epoch": epochs, "rate": rates})
    return Chart(data, spec, "Planned learning rate over the epochs.")


def seed_curves(
    histories: Mapping[int, History], field: str, palette: Palette, height: int = 320
) -> Chart:
    """`field` per epoch, with mean ± one standard deviation where two seeds or more have come.

    That of the training is drawn between epochs too, smoothed, for seeds in their first epoch.

    Args:
        histories: By seed.
        field: `accuracy`, `loss`, `val_accuracy` or `val_loss`.
    """
    epochs = max((history.epochs for history in histories.values()), default=1)
    share = field.endswith("accuracy")
    axis = accuracy_axis() if share else loss_axis()
    colour = palette.second if field.startswith("val_") else palette.accent
    spec = {
        **base_spec(palette, height),
        "encoding": {"x": {"field": "x", **epoch_axis(epochs)}},
        "layer": _band_layers(axis, colour, ".2%" if share else ".3f"),
    }
    alt = f"{_title(field)} of {len(histories)} seeds over the epochs, with mean and spread."
    return Chart(_band_rows(histories, field), spec, alt)


def _title(field: str) -> str:
    who = "Validation" if field.startswith("val_") else "Training"
    return f"{who} {field.removeprefix('val_')}"


def _band_layers(axis: dict[str, Any], colour: str, form: str) -> list[dict[str, Any]]:
    def layer(kind: str, mark: dict[str, Any], **encoding: Any) -> dict[str, Any]:
        filters = [{"filter": {"field": "kind", "equal": kind}}]
        return {
            "transform": filters,
            "mark": {"clip": True, "color": colour, **mark},
            "encoding": encoding,
        }

    value = {"field": "value", **axis}
    # The lines of single seeds share one colour: their spread is the matter, not which is which.
    detail = {"field": "seed", "type": "nominal"}
    epoch = {"field": "x", "type": "quantitative", "title": "epoch"}
    number = {"field": "value", "type": "quantitative", "format": form}
    seed = [{**detail, "title": "seed"}, epoch, {**number, "title": "value"}]
    deviation = {"field": "deviation", "type": "quantitative", "format": form}
    mean = [
        epoch,
        {**number, "title": "mean"},
        {**deviation, "title": "standard deviation"},
        {"field": "seeds", "type": "quantitative", "title": "seeds"},
    ]
    return [
        layer(
            "mean",
            {"type": "area", "opacity": 0.2},
            y={**axis, "field": "low"},
            y2={"field": "high"},
        ),
        layer("seed", {"type": "line", "strokeWidth": 1, "opacity": 0.45}, y=value, detail=detail),
        layer("batch", {"type": "line", "strokeWidth": 1, "opacity": 0.45}, y=value, detail=detail),
        layer(
            "seed",
            {"type": "point", "filled": True, "size": 18, "opacity": 0.6},
            y=value,
            tooltip=seed,
        ),
        layer("mean", {"type": "line", "strokeWidth": 3}, y=value),
        layer(
            "mean",
            {"type": "point", "filled": True, "size": 52, "opacity": 1},
            y=value,
            tooltip=mean,
        ),
    ]


def _band_rows(histories: Mapping[int, History], field: str) -> pd.DataFrame:
    rows: list[tuple[Any, ...]] = []
    for seed, history in histories.items():
        if not field.startswith("val_") and not history.epochs_done:
            values = smooth([getattr(point, field) for point in history.batches])
            places = [point.x for point in history.batches]
            for x, mean in thin(list(zip(places, values, strict=True)), _SEED_POINTS):
                if math.isfinite(mean):
                    rows.append((x, max(mean, _LEAST), None, None, str(seed), *[None] * 2, "batch"))
        for point in history.epochs_done:
            value = finite(point, field)
            if value is not None:
                shown = max(value, _LEAST)
                rows.append((point.epoch, shown, None, None, str(seed), None, None, "seed"))
    for one in seed_course(histories.values(), field):
        mean, deviation = one.spread.mean, one.spread.deviation or 0.0
        low, high = max(mean - deviation, _LEAST), mean + deviation
        rows.append((one.epoch, mean, low, high, "", one.spread.n, deviation, "mean"))
    return pd.DataFrame(rows, columns=_BAND_COLUMNS).astype(_NUMBERS)

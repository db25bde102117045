"""One curve a run, laid over each other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from fmnist_core.figures.axes import accuracy_axis, epoch_axis, loss_axis, rate_axis
from fmnist_core.figures.chart import Chart, base_spec
from fmnist_core.figures.palette import Palette
from fmnist_core.runs.history import EpochPoint, History


@dataclass(frozen=True)
class Metric:
    """What can be compared: its title, its field of an epoch, its scale, its number format."""

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
    Metric("Seconds an epoch", "seconds", rate_axis(), ".1f"),
)

# One line of the legend a run, so that long names fit a phone.
_LEGEND = {"orient": "bottom", "title": None, "columns": 1, "labelLimit": 320, "offset": 0}
_LEGEND_LINE = 20


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

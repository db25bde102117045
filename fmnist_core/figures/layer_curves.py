"""Norms, steps and dead units of each layer over a training, with a line at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from fmnist_core.figures.chart import Chart, base_spec
from fmnist_core.figures.palette import Palette
from fmnist_core.figures.trace_axes import NOW, curve_filter, moment_rule, time_axis
from fmnist_core.traces import Trace


@dataclass(frozen=True)
class LayerFigure:
    """A figure of a layer: the field of `LayerState`, and what it means."""

    field: str
    explanation: str
    share: bool = False


# A logarithmic axis left to itself draws nine lines a decade.
_POWERS = [10.0**power for power in range(-9, 7)]

LAYER_FIGURES = {
    "Gradients": LayerFigure(
        "gradient_norm", "How steep the loss is in each layer's weights, on the same few images."
    ),
    "Steps": LayerFigure(
        "update_ratio", "How far a step moves the weights, as a share of them: healthy near 0.001."
    ),
    "Dead units": LayerFigure(
        "dead_share", "Share of units that are 0 on every one of the same few images.", share=True
    ),
    "Weights": LayerFigure("weight_norm", "How long each layer's weights are, as one vector."),
}


def layer_curves(
    trace: Trace, figure: LayerFigure, now: float, palette: Palette, height: int = 280
) -> Chart:
    """A line a layer; a logarithmic scale but for shares.

    Args:
        now: Epochs done at the chosen moment.
    """
    names = [layer.name for layer in trace.layers]
    colour = {
        "field": "layer",
        "type": "nominal",
        "scale": {"domain": names, "range": list(palette.series)},
        "legend": {"orient": "top", "title": None, "columns": 3},
    }
    curve = {
        "transform": curve_filter(),
        "mark": {"type": "line", "point": {"size": 24}, "strokeWidth": 2},
        "encoding": {"y": _axis(figure), "color": colour, "tooltip": _tooltip(figure)},
    }
    spec = {
        **base_spec(palette, height),
        "encoding": {"x": time_axis(trace.epochs)},
        "layer": [curve, moment_rule(palette)],
    }
    return Chart(_rows(trace, figure, now), spec, f"{figure.explanation} Over the epochs.")


def _axis(figure: LayerFigure) -> dict[str, Any]:
    if figure.share:
        scale: dict[str, Any] = {"domain": [0, 1]}
        axis: dict[str, Any] = {"format": ".0%", "tickCount": 5}
    else:
        scale, axis = {"type": "log"}, {"format": "~g", "values": _POWERS}
    return {"field": "value", "type": "quantitative", "title": None, "scale": scale, "axis": axis}


def _tooltip(figure: LayerFigure) -> list[dict[str, Any]]:
    form = ".0%" if figure.share else ".3~g"
    return [
        {"field": "layer", "type": "nominal", "title": " "},
        {"field": "x", "type": "quantitative", "title": "epoch", "format": ".2~f"},
        {"field": "value", "type": "quantitative", "title": "value", "format": form},
    ]


def _rows(trace: Trace, figure: LayerFigure, now: float) -> pd.DataFrame:
    rows: list[tuple[float, float | None, str, str]] = [(now, None, "", NOW)]
    for one in trace.snapshots:
        for facts, state in zip(trace.layers, one.layers, strict=True):
            value = getattr(state, figure.field)
            # A logarithm has no place for nothing.
            if value is not None and (figure.share or value > 0):
                rows.append((one.epochs, value, facts.name, "layer"))
    return pd.DataFrame(rows, columns=["x", "value", "layer", "kind"]).astype({"value": "float64"})

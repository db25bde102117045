"""Curves over a training with a line at one moment: layers' norms and dead units, pinned images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.runs.pinned_images import PinnedImage
from fmnist_core.runs.trace import Trace
from fmnist_ui.figures.cards import card_html
from fmnist_ui.figures.chart import (
    NOW,
    Chart,
    Palette,
    base_spec,
    curve_filter,
    moment_rule,
    thin,
    time_axis,
)

_POINTS = 120

# A logarithmic axis left to itself draws nine lines a decade.
_POWERS = [10.0**power for power in range(-9, 7)]


@dataclass(frozen=True)
class LayerFigure:
    """A figure of a layer: the field of `LayerState`, and what it means."""

    field: str
    explanation: str
    share: bool = False


LAYER_FIGURES = {
    "Gradients": LayerFigure(
        "gradient_norm", "Norm of the loss gradient of each layer's weights, on a fixed batch."
    ),
    "Updates": LayerFigure(
        "update_ratio", "Ratio of the update to the weights: healthy near 0.001."
    ),
    "Dead units": LayerFigure(
        "dead_share",
        "Share of units whose activation is 0 on every image of a fixed batch.",
        share=True,
    ),
    "Weights": LayerFigure("weight_norm", "Norm of each layer's weights."),
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


def pinned_image_curves(trace: Trace, now: float, palette: Palette, height: int = 180) -> Chart:
    """Probability of the label, a line a pinned image; without a label, of its last prediction.

    Args:
        now: Epochs done at the chosen moment.
    """
    colour = {
        "field": "class",
        "type": "nominal",
        "scale": {"domain": list(CLASS_NAMES), "range": list(CLASS_COLOURS)},
        "legend": None,
    }
    curve = {
        "transform": curve_filter(),
        "mark": {"type": "line", "strokeWidth": 2, "opacity": 0.9},
        "encoding": {
            "y": {
                "field": "value",
                "type": "quantitative",
                "title": None,
                "scale": {"domain": [0, 1]},
                "axis": {"format": ".0%", "tickCount": 5},
            },
            "color": colour,
            "detail": {"field": "probe", "type": "nominal"},
            "tooltip": [
                {"field": "name", "type": "nominal", "title": " "},
                {"field": "class", "type": "nominal", "title": "class"},
                {"field": "x", "type": "quantitative", "title": "epoch", "format": ".2~f"},
                {"field": "value", "type": "quantitative", "title": "probability", "format": ".0%"},
            ],
        },
    }
    spec = {
        **base_spec(palette, height),
        "encoding": {"x": time_axis(trace.epochs)},
        "layer": [curve, moment_rule(palette)],
    }
    return Chart(
        _curve_rows(trace, now),
        spec,
        "Probability of the class of each pinned image over the epochs.",
    )


def _curve_rows(trace: Trace, now: float) -> pd.DataFrame:
    rows: list[tuple[float, float | None, str, str, str, str]] = [(now, None, "", "", "", NOW)]
    predictions = thin(trace.predictions, _POINTS)
    for number, pinned_image in enumerate(trace.pinned_images if predictions else ()):
        label = pinned_image.label
        if label is None:
            label = int(predictions[-1].probabilities[number].argmax())
        who = (str(number), pinned_image.title, CLASS_NAMES[label], "probe")
        rows.extend(
            (one.epochs, float(one.probabilities[number, label]), *who) for one in predictions
        )
    columns = ["x", "value", "probe", "name", "class", "kind"]
    return pd.DataFrame(rows, columns=columns).astype({"value": "float64"})


def pinned_image_cards(
    pinned_images: Sequence[PinnedImage], probabilities: NDArray[np.float32], palette: Palette
) -> str:
    """Pinned images with their predictions and confidence, and a sign where these are right.

    Args:
        probabilities: float32 (p, 10), a row a probe.
    """
    cards = [
        (pinned_image, int(row.argmax()), float(row.max()))
        for pinned_image, row in zip(pinned_images, probabilities, strict=True)
    ]
    return card_html("probes", palette, cards)

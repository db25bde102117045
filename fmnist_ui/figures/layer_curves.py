"""Curves over a training with a line at one moment: layers' norms and dead units, pinned images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.images import data_url
from fmnist_core.runs.pinned_images import Probe
from fmnist_core.runs.trace import Trace
from fmnist_ui.figures.cards import per_cent
from fmnist_ui.figures.chart import (
    NOW,
    Chart,
    Palette,
    base_spec,
    curve_filter,
    mix,
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


def probe_curves(trace: Trace, now: float, palette: Palette, height: int = 180) -> Chart:
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
                {"field": "class", "type": "nominal", "title": "followed class"},
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
        _probe_curves_rows(trace, now), spec, "Probability of each probe's class over the epochs."
    )


def _probe_curves_rows(trace: Trace, now: float) -> pd.DataFrame:
    rows: list[tuple[float, float | None, str, str, str, str]] = [(now, None, "", "", "", NOW)]
    moments = thin(trace.moments, _POINTS)
    for number, probe in enumerate(trace.probes if moments else ()):
        label = probe.label
        if label is None:
            label = int(moments[-1].probabilities[number].argmax())
        who = (str(number), probe.title, CLASS_NAMES[label], "probe")
        rows.extend((one.epochs, float(one.probabilities[number, label]), *who) for one in moments)
    columns = ["x", "value", "probe", "name", "class", "kind"]
    return pd.DataFrame(rows, columns=columns).astype({"value": "float64"})


def probe_cards(
    probes: Sequence[Probe], probabilities: NDArray[np.float32], palette: Palette
) -> str:
    """Pinned images with their predictions and confidence, and a sign where these are right.

    Args:
        probabilities: float32 (p, 10), a row a probe.
    """
    cards = "".join(
        _card(probe, row, palette) for probe, row in zip(probes, probabilities, strict=True)
    )
    return f'{_style(palette)}<div class="probes">{cards}</div>'


def _card(probe: Probe, row: NDArray[np.float32], palette: Palette) -> str:
    best = int(row.argmax())
    right = probe.label == best
    sign = "" if probe.label is None else ("✓ " if right else "✗ ")
    colour = palette.text if probe.label is None else (palette.good if right else palette.bad)
    name = escape(probe.title)
    hint = f"{name}, {escape(probe.source)}" if probe.source else name
    return (
        f'<figure title="{hint}"><img src="{data_url(probe.image)}" alt="{hint}">'
        f'<figcaption><b style="color:{colour}">{sign}{escape(CLASS_NAMES[best])}</b>'
        f'<span class="track"><i style="width:{100 * row[best]:.1f}%;'
        f'background:{CLASS_COLOURS[best]}"></i></span>'
        f"<small>{per_cent(float(row[best]))} · {_who(probe, right)}</small></figcaption></figure>"
    )


def _who(probe: Probe, right: bool) -> str:
    """What the image does not tell by itself: what it really is, or whose it is."""
    if probe.label is not None and not right:
        return f"really {escape(CLASS_NAMES[probe.label])}"
    is_named = probe.label is None or probe.title != CLASS_NAMES[probe.label]
    return escape(probe.title if is_named else probe.source)


def _style(palette: Palette) -> str:
    quiet = mix(palette.background, palette.text, 0.08)
    return f"""<style>
.probes {{ display: grid; gap: 8px 14px;
  grid-template-columns: repeat(auto-fill, minmax(min(170px, 46%), 1fr)); }}
.probes figure {{ margin: 0; display: flex; gap: 8px; align-items: center; min-width: 0; }}
.probes img {{ width: 48px; height: 48px; image-rendering: pixelated; border-radius: 4px; }}
.probes figcaption {{ min-width: 0; flex: 1; font-size: .8rem; line-height: 1.35; }}
.probes b {{ font-weight: 600; }}
.probes b, .probes small {{ display: block; overflow-wrap: anywhere; }}
.probes small {{ opacity: .7; font-size: .7rem; }}
.probes .track {{ display: block; background: {quiet}; border-radius: 3px; height: 7px;
  overflow: hidden; }}
.probes .track i {{ display: block; height: 100%; min-width: 1px; transition: width .3s ease; }}
</style>"""

"""When a network gets its probes: the probability of what each one is, over the training."""

from __future__ import annotations

import pandas as pd

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.figures.chart import Chart, base_spec
from fmnist_core.figures.palette import Palette
from fmnist_core.figures.series import thin
from fmnist_core.figures.trace_axes import NOW, curve_filter, moment_rule, time_axis
from fmnist_core.traces import Trace

_POINTS = 120


def probe_curves(trace: Trace, now: float, palette: Palette, height: int = 180) -> Chart:
    """A line a probe, in its class's colour; what nobody named is followed by its last answer.

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
    return Chart(_rows(trace, now), spec, "Probability of each probe's class over the epochs.")


def _rows(trace: Trace, now: float) -> pd.DataFrame:
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

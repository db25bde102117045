"""Counts as bars: images of each class, how often a pixel value occurs or an answer is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_ui.figures.chart import Chart, Palette, base_spec


def class_counts(parts: Mapping[str, Sequence[int]], palette: Palette, height: int = 320) -> Chart:
    """Images of each class, stacked by part (such as training, validation, test).

    Args:
        parts: For each part its ten counts, in class order.
    """
    rows = [
        (name, part, int(count), order)
        for order, (part, counts) in enumerate(parts.items())
        for name, count in zip(CLASS_NAMES, counts, strict=True)
    ]
    names = list(parts)
    data = pd.DataFrame(rows, columns=["class", "part", "images", "order"])
    shades = {"domain": names, "range": _fading(len(names))}
    colours = {"domain": list(CLASS_NAMES), "range": list(CLASS_COLOURS)}
    spec = {
        **base_spec(palette, height),
        "mark": {"type": "bar", "cornerRadius": 2},
        "encoding": {
            "y": {
                "field": "class",
                "type": "nominal",
                "sort": list(CLASS_NAMES),
                "title": None,
                "axis": {"domain": False, "ticks": False, "grid": False, "labelOverlap": False},
            },
            "x": {"field": "images", "type": "quantitative", "title": "images"},
            "order": {"field": "order"},
            "color": {"field": "class", "type": "nominal", "scale": colours, "legend": None},
            "opacity": {
                "field": "part",
                "type": "nominal",
                "scale": shades,
                "legend": {
                    "orient": "top",
                    "title": None,
                    "symbolFillColor": palette.text,
                    "symbolStrokeWidth": 0,
                },
            },
            "tooltip": [{"field": "class"}, {"field": "part"}, {"field": "images", "format": ","}],
        },
    }
    return Chart(data, spec, f"Images of each class in {', '.join(names)}.")


def _fading(count: int) -> list[float]:
    return (
        [round(1 - 0.75 * i / max(1, count - 1), 2) for i in range(count)] if count > 1 else [1.0]
    )


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


def answer_bars(rows: Sequence[tuple[str, int]], palette: Palette) -> Chart:
    """How often each answer was given, in the order of `rows`."""
    data = pd.DataFrame(rows, columns=["answer", "count"])
    named = {"field": "answer", "type": "nominal", "sort": [name for name, _ in rows]}
    axis = {"domain": False, "ticks": False, "grid": False, "labelOverlap": False}
    counted = {"field": "count", "type": "quantitative"}
    spec = {
        **base_spec(palette, 34 * max(1, len(rows)) + 10),
        "encoding": {
            "y": {**named, "title": None, "axis": {**axis, "labelLimit": 220}},
            "x": {**counted, "title": None, "axis": None},
        },
        "layer": [
            {"mark": {"type": "bar", "cornerRadius": 2, "color": palette.accent}},
            {
                "mark": {"type": "text", "align": "left", "dx": 6, "color": palette.text},
                "encoding": {"text": counted},
            },
        ],
    }
    said = ", ".join(f"{name}: {count}" for name, count in rows)
    return Chart(data, spec, f"How often each answer was given. {said}.")

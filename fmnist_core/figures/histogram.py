"""How often pixels have which value."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmnist_core.figures.chart import Chart, base_spec
from fmnist_core.figures.palette import Palette


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

"""What a network makes of one image."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.figures.chart import Chart, base_spec
from fmnist_core.figures.palette import Palette


def probability_bars(
    probabilities: NDArray[np.floating], palette: Palette, height: int = 260
) -> Chart:
    """A bar for each class in its own colour, from 0 to 100 %.

    Args:
        probabilities: float (10,), adding up to 1.
    """
    rows = {"class": CLASS_NAMES, "probability": np.asarray(probabilities, dtype="float64")}
    axis = {"domain": False, "ticks": False, "grid": False}
    colours = {"domain": list(CLASS_NAMES), "range": list(CLASS_COLOURS)}
    spec = {
        **base_spec(palette, height),
        "mark": {"type": "bar", "cornerRadius": 2},
        "encoding": {
            "y": {"field": "class", "type": "nominal", "sort": None, "title": None, "axis": axis},
            "x": {
                "field": "probability",
                "type": "quantitative",
                "title": None,
                "scale": {"domain": [0, 1]},
                "axis": {"format": ".0%", "tickCount": 5},
            },
            "color": {"field": "class", "type": "nominal", "scale": colours, "legend": None},
            "tooltip": [{"field": "class"}, {"field": "probability", "format": ".2%"}],
        },
    }
    best = CLASS_NAMES[int(np.argmax(probabilities))]
    return Chart(pd.DataFrame(rows), spec, f"Probability of each class; likeliest is {best}.")

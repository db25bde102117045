"""One cell of the confusion matrix over the epochs, as a line."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from fmnist_core.figures.axes import epoch_axis
from fmnist_core.figures.chart import Chart, base_spec
from fmnist_core.figures.palette import Palette


def cell_curve(
    epochs: Sequence[float],
    shares: Sequence[float],
    now: float,
    of: float,
    palette: Palette,
    height: int = 220,
) -> Chart:
    """The share of a class that fell into one cell, with a line at the moment looked at.

    Args:
        epochs: Epochs done at each moment, rising.
        shares: 0 to 1, one for each moment.
        now: The moment looked at, in epochs.
        of: Epochs of the whole run.
    """
    share = {
        "field": "share",
        "type": "quantitative",
        "title": None,
        "scale": {"zero": True, "nice": True},
        "axis": {"format": ".3~p", "tickCount": 5},
    }
    moment = {"field": "epoch", **epoch_axis(max(1, round(of)))}
    line = {"mark": {"type": "line", "point": True, "color": palette.accent}}
    rule = {
        "mark": {"type": "rule", "color": palette.text, "opacity": 0.5},
        "transform": [{"filter": "datum.now"}],
        "encoding": {"x": moment},
    }
    layers = [{**line, "encoding": {"x": moment, "y": share}}, rule]
    data = pd.DataFrame({"epoch": epochs, "share": shares, "now": [one == now for one in epochs]})
    alt = "Share of a class in one cell of the confusion matrix over the epochs."
    return Chart(data, {**base_spec(palette, height), "layer": layers}, alt)

"""How much each setting of a sweep made a difference, a bar a setting."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from fmnist_core.figures.chart import Chart, base_spec
from fmnist_core.figures.palette import Palette


def setting_bars(shares: Mapping[str, float], palette: Palette) -> Chart:
    """The settings' shares of what made a difference, the largest on top.

    Args:
        shares: Title of each setting, and its share; together 1.
    """
    order = sorted(shares, key=lambda title: -shares[title])
    data = pd.DataFrame([(title, shares[title]) for title in order], columns=["setting", "share"])
    axis = {"domain": False, "ticks": False, "grid": False, "labelLimit": 140}
    down = {"field": "setting", "type": "nominal", "sort": order, "title": None, "axis": axis}
    across = {
        "field": "share",
        "type": "quantitative",
        "title": "share of the difference",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "tickCount": 4},
    }
    spec = {
        **base_spec(palette, 40 * max(1, len(order)) + 44),
        "mark": {"type": "bar", "cornerRadius": 2, "color": palette.accent, "height": 18},
        "encoding": {
            "y": down,
            "x": across,
            "tooltip": [
                {"field": "setting", "title": " "},
                {"field": "share", "title": "share", "format": ".0%"},
            ],
        },
    }
    said = ", ".join(f"{title} {share:.0%}" for title, share in shares.items())
    return Chart(data, spec, f"How much each setting made a difference: {said}.")

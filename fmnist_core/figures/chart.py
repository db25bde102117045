"""A Vega-Lite chart: rows of data, and the specification that draws them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from fmnist_core.figures.palette import Palette


@dataclass(frozen=True, eq=False)
class Chart:
    """Data and specification apart: where only the data changes, the drawing moves on quietly.

    Attributes:
        data: Rows in long form; missing values are null.
        spec: Vega-Lite without data.
        alt: What the chart shows, for those who cannot see it.
    """

    data: pd.DataFrame
    spec: dict[str, Any]
    alt: str


def base_spec(palette: Palette, height: int) -> dict[str, Any]:
    """What all charts share: no border, quiet grid, text in the theme's colour."""
    axis = {
        "gridColor": palette.grid,
        "domainColor": palette.grid,
        "tickColor": palette.grid,
        "labelColor": palette.text,
        "titleColor": palette.text,
        "labelOpacity": 0.75,
        "titleOpacity": 0.75,
        "titleFontWeight": "normal",
        "labelLimit": 260,
    }
    legend = {"labelColor": palette.text, "titleColor": palette.text, "orient": "top"}
    return {
        "height": height,
        "background": None,
        "config": {
            "view": {"stroke": None},
            "axis": axis,
            "legend": {**legend, "title": None, "labelLimit": 260, "symbolStrokeWidth": 3},
        },
    }

"""Charts of the core on the page, in the colours of the theme that the person sees."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import streamlit as st

from fmnist_core.figures.chart import Chart
from fmnist_core.figures.palette import Palette
from fmnist_ui.theme import is_dark

_THEME = Path(__file__).parent.parent / ".streamlit" / "config.toml"


def palette() -> Palette:
    """The present theme's colours for figures; the theme's file is their only home."""
    return _palette("dark" if is_dark() else "light")


@cache
def _palette(side: str) -> Palette:
    theme = tomllib.loads(_THEME.read_text())["theme"][side]
    series = tuple(theme["chartCategoricalColors"])
    return Palette(
        text=theme["textColor"],
        background=theme["backgroundColor"],
        grid=theme["borderColor"],
        accent=series[0],
        second=series[1],
        good=theme["greenColor"],
        bad=theme["redColor"],
        series=series,
    )


def show_chart(chart: Chart, key: str) -> None:
    """Draws a Vega-Lite chart; with the same `key` a chart whose data grew moves on quietly."""
    st.vega_lite_chart(chart.data, chart.spec, key=key, alt=chart.alt)

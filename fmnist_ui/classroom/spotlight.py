"""One student's run, large, on the wall and on the projector."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from fmnist_core.config.presets import PRESETS
from fmnist_core.errors import LabError
from fmnist_core.models.cost import summarise
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import History
from fmnist_ui.figures.chart import Chart
from fmnist_ui.figures.live_curves import accuracy_curve
from fmnist_ui.figures.network_diagram import network_diagram, stages_of
from fmnist_ui.page_errors import plain
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.words import big, data_title, percent

_HEIGHT, _LARGE_HEIGHT = 220, 290


def show_spotlight(folder: RunFolder, history: History, nickname: str, *, large: bool) -> None:
    """Whose it is, its accuracy, its curve and its network; only the figures change as it trains.

    Args:
        nickname: Of its owner; empty where they are no longer in the class.
        large: To be read from the back of a room.
    """
    try:
        config = folder.config
        network = summarise(config.model)
    except LabError:
        st.caption("The run that was in the spotlight is no longer there.")
        return
    began = PRESETS[config.preset].title if config.preset in PRESETS else "Custom"
    about = (
        plain(folder.name),
        began,
        f"{big(network.parameters)} parameters",
        data_title(config.training.dataset),
    )
    facts, curve = (st.container(), st.container()) if large else st.columns(2, gap="medium")
    with facts:
        st.subheader(plain(nickname or "Nobody in the class"), anchor=False)
        st.caption(" · ".join(about))
        _show_figures(history, config.training.epochs)
    with curve:
        if history.epochs:
            chart = accuracy_curve(history, palette(), _LARGE_HEIGHT if large else _HEIGHT)
            show_chart(_enlarged(chart) if large else chart, "spotlight_curve")
        if large:
            st.html(network_diagram(stages_of(network.layers), palette()))


def _show_figures(history: History, planned: int) -> None:
    latest = history.epochs_done[-1] if history.epochs_done else None
    with st.container(horizontal=True, gap="medium"):
        for label, value in (
            ("Validation accuracy", percent(latest.val_accuracy if latest else None)),
            ("Training accuracy", percent(latest.accuracy if latest else None)),
            ("Epochs done", f"{history.epoch} of {history.epochs or planned}"),
        ):
            st.metric(label, value, width="content")


def _enlarged(chart: Chart) -> Chart:
    """The same with letters for the back of a room."""
    config = chart.spec["config"]
    larger = {
        **config,
        "axis": {**config["axis"], "labelFontSize": 20, "titleFontSize": 20},
        "legend": {**config["legend"], "labelFontSize": 20},
    }
    return replace(chart, spec={**chart.spec, "config": larger})

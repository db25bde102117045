"""What one moment looks like: mistakes, probes, filters and layers, all at the same time."""

from __future__ import annotations

import streamlit as st

from fmnist_core.figures.filters import filter_rows
from fmnist_core.figures.layer_curves import LAYER_FIGURES, layer_curves
from fmnist_core.figures.matrix import matrix_html
from fmnist_core.figures.probe_cards import probe_cards
from fmnist_core.figures.probe_curves import probe_curves
from fmnist_core.figures.tiles import tiles_html
from fmnist_core.traces import Snapshot, Trace
from fmnist_ui.charts import palette, show_chart


def show_panels(trace: Trace, now: Snapshot) -> None:
    """All panels at the moment `now` of the trace."""
    left, right = st.columns([6, 7], gap="large")
    with left:
        st.markdown("**What is taken for what**, in per cent of the true class")
        st.html(matrix_html(now.confusion, palette()))
    with right:
        _show_probes(trace, now)
    _show_filters(trace, now)
    _show_layers(trace, now)


def _show_probes(trace: Trace, now: Snapshot) -> None:
    if not trace.probes:
        st.caption("This run watched no probes.")
        return
    st.markdown("**What the probes are taken for**")
    st.html(probe_cards(trace.probes, now.probabilities, palette()))
    st.markdown("**When the network gets them**: probability of what each one is")
    show_chart(probe_curves(trace, now.epochs, palette()), "overtime_probe_curves")
    if any(probe.label is None for probe in trace.probes):
        st.caption("Of what nobody said what it is, the line follows the latest answer.")


def _show_filters(trace: Trace, now: Snapshot) -> None:
    rows = filter_rows(trace, now, palette())
    if rows:
        st.html(tiles_html(rows, palette(), side=44))


def _show_layers(trace: Trace, now: Snapshot) -> None:
    names = list(LAYER_FIGURES)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**The layers**")
        chosen = st.segmented_control(
            "Figure",
            names,
            default=names[0],
            required=True,
            key="overtime_figure",
            label_visibility="collapsed",
            persist_state="session",
        )
    figure = LAYER_FIGURES[chosen or names[0]]
    st.caption(figure.explanation)
    show_chart(layer_curves(trace, figure, now.epochs, palette()), f"overtime_{figure.field}")

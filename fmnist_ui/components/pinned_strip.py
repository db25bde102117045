"""The probes of a training as one strip: what each is taken for just now."""

from __future__ import annotations

import streamlit as st

from fmnist_core.runs.traces import Trace
from fmnist_ui.figures.layer_curves import probe_cards
from fmnist_ui.theme import palette


def show_probe_strip(trace: Trace) -> None:
    """The last answers; nothing before the first."""
    if not trace.moments:
        return
    with st.container(key="probe_strip"):
        st.markdown("**Probes** · what the network takes them for now")
        st.html(probe_cards(trace.probes, trace.moments[-1].probabilities, palette()))

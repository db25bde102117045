"""What stands on the pages on results while no run of one's own has ended."""

from __future__ import annotations

import streamlit as st

from fmnist_core.runs.library import DAMAGED, list_runs
from fmnist_core.settings import load_settings

_INSTEAD = " Below is a network that comes with the lab."


def show(*, training: bool, instead: bool) -> None:
    """One sentence and the next step.

    Args:
        training: Whether a first run is on its way.
        instead: Whether a shipped network is shown meanwhile.
    """
    with st.container(
        border=True,
        horizontal=instead,
        vertical_alignment="center",
        gap="medium",
        key="card_nothing_judged",
    ):
        if training:
            st.markdown(_training(instead), width="content")
            st.page_link("pages/train.py", label="Watch it", icon=":material/visibility:")
            _look_again()
        else:
            st.markdown(_none(instead), width="content")
            label = "Train one of your own" if instead else "Train one"
            st.page_link("pages/train.py", label=label, icon=":material/play_arrow:")


def _training(instead: bool) -> str:
    if instead:
        return f"**Your first run is still training;** it can be chosen here at its end.{_INSTEAD}"
    return "**The first run is still training.** Its figures appear here at its end."


def _none(instead: bool) -> str:
    if instead:
        return f"**No finished run of your own yet.**{_INSTEAD}"
    return "**No finished run yet.** Train a network; what it does appears here."


@st.fragment(run_every=2.0)
def _look_again() -> None:
    if any(not run.active and run.state != DAMAGED for run in list_runs(load_settings())):
        st.rerun()

"""What a shipped network is, where one is shown beside runs."""

from __future__ import annotations

import streamlit as st

from fmnist_core.runs.library import RunSummary
from fmnist_core.runs.pretrained import SHIPPED_CATALOGUE, SHIPPED_EVERYDAY
from fmnist_ui.words import day

_KNOWS = {
    SHIPPED_CATALOGUE: "for images of the data set's own kind.",
    SHIPPED_EVERYDAY: "for what people draw and photograph. Here it is tried on images that the "
    "other shipped network answers for.",
}


def show(run: RunSummary) -> None:
    """One line of what it is, and when it was judged; nothing for a run of one's own."""
    if run.id not in _KNOWS:
        return
    st.caption(
        f":material/deployed_code: **Comes with the lab**, {_KNOWS[run.id]} "
        f"Judged on {day(run.updated)}; it can be looked at, not changed."
    )

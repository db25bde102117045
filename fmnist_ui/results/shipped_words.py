"""What a shipped network is, where one is shown beside runs."""

from __future__ import annotations

import streamlit as st

from fmnist_core.evaluation import Evaluation
from fmnist_core.runs.library import RunSummary
from fmnist_core.shipped import SHIPPED_CATALOGUE, SHIPPED_EVERYDAY
from fmnist_ui.results.words import judged_on
from fmnist_ui.words import day

_KNOWS = {
    SHIPPED_CATALOGUE: "It answers for images of the data set's own kind.",
    SHIPPED_EVERYDAY: "It answers for what people draw, find and photograph; here it is tried on "
    "images that the other shipped network answers for.",
}


def show(run: RunSummary, evaluation: Evaluation) -> None:
    """One line of what it is, and when it was judged; nothing for a run of one's own."""
    if run.id not in _KNOWS:
        return
    st.caption(
        f":material/deployed_code: **Comes with the lab.** {_KNOWS[run.id]} Judged on "
        f"{day(run.updated)} on {judged_on(evaluation)}. It can be looked at, not changed."
    )

"""What can be done with the runs that are ticked."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.engine.client import resume
from fmnist_core.evaluation import repeats_of
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import DAMAGED, RunSummary
from fmnist_core.settings import load_settings
from fmnist_ui.page_errors import page_errors
from fmnist_ui.results import run_edit
from fmnist_ui.train.choice import ALL_SEEDS
from fmnist_ui.train.repeat import show_repeat


def show(runs: Sequence[RunSummary]) -> None:
    """A row of buttons that fits what is ticked; nothing for none."""
    if not runs:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="run_actions"):
        if len(runs) == 1:
            _for_one(runs[0])
        else:
            _for_seeds(runs)
        if st.button("Delete", icon=":material/delete:", key="run_delete"):
            run_edit.delete(runs)


def _for_one(run: RunSummary) -> None:
    if run.state == DAMAGED:
        return
    if run.active:
        _link("Watch", "pages/train.py", ":material/visibility:", run)
    elif run.evaluated:
        _link("Evaluate", "pages/evaluate.py", ":material/fact_check:", run)
    if run.can_continue and st.button(
        "Continue", icon=":material/play_arrow:", type="primary", key="run_continue"
    ):
        _continue(run)
    if st.button("Train again from this configuration", icon=":material/replay:", key="run_again"):
        _train_again(run)
    if run.state == "finished":
        show_repeat(run.id)
    if st.button("Name and tags", icon=":material/edit:", key="run_edit"):
        run_edit.edit(run)


def _for_seeds(runs: Sequence[RunSummary]) -> None:
    """What can be done where only seeds of one configuration are ticked."""
    found = repeats_of(runs[0], runs)
    if len(found.runs) < len(runs):
        return
    if st.button("Show the seeds together", icon=":material/stacked_line_chart:", key="run_seeds"):
        st.switch_page("pages/train.py", query_params={"run": found.runs[0].id, **ALL_SEEDS})
    if found.counted:
        show_repeat(found.counted[0].id)


def _link(label: str, page: str, icon: str, run: RunSummary) -> None:
    if st.button(label, icon=icon, key=f"run_{label.lower()}"):
        st.switch_page(page, query_params={"run": run.id})


def _continue(run: RunSummary) -> None:
    with page_errors():
        with st.spinner("Waking the engine…"):
            resume(run.id, load_settings())
        st.switch_page("pages/train.py", query_params={"run": run.id})


def _train_again(run: RunSummary) -> None:
    with page_errors():
        folder = RunFolder.open(load_settings().runs_dir, run.id)
        st.session_state["train_config"] = folder.config.to_json()
        st.switch_page("pages/train.py")

"""The Runs page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.runs.library import DAMAGED, RunSummary, list_runs
from fmnist_core.settings import load_settings
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.results import compare, run_actions, run_table, seed_rows

# Seconds between two looks while something trains.
_PACE = 2.0


def show_runs() -> None:
    """The table, and below it what is ticked."""
    runs = list_runs(load_settings())
    if not runs:
        _show_nothing_yet()
        return
    active = any(run.active for run in runs)
    st.fragment(_table_and_more, run_every=_PACE if active else None)(active)


@page_errors()
def _table_and_more(active: bool) -> None:
    runs = list_runs(load_settings())
    if not runs or active != any(run.active for run in runs):
        # The last training ended, or the first began: the pace changes with it.
        st.rerun()
    rows = {row.shown.id: row for row in seed_rows.choose_rows(runs)}
    ticked = run_table.show([row.shown for row in rows.values()], key="run_table")
    chosen = [run for shown in ticked for run in rows[shown.id].runs]
    _explain(chosen if len(chosen) == 1 else [run for run in chosen if run.state == DAMAGED])
    run_actions.show(chosen)
    compare.show(chosen)


def _show_nothing_yet() -> None:
    with st.container(border=True, key="card_no_runs"):
        st.markdown("**No runs yet.** Train a network, and it appears here with its curves.")
        st.page_link("pages/train.py", label="Train the first one", icon=":material/play_arrow:")


def _explain(runs: Sequence[RunSummary]) -> None:
    """Why a run failed or cannot be read, and what to do."""
    for run in runs:
        if not run.error:
            continue
        kind = st.error if run.state in ("failed", "crashed", DAMAGED) else st.info
        kind(f"**{plain(run.error)}**  \n{plain(run.advice)}", icon=":material/error:")

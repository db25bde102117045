"""Which runs train and which wait, in the order of the queue."""

from __future__ import annotations

import streamlit as st

from fmnist_core.runs.library import RunSummary
from fmnist_ui.lab_state import LabState
from fmnist_ui.page_errors import plain
from fmnist_ui.train.choice import watch
from fmnist_ui.train.waiting import runs_before, waiting_runs


def show_waiting(run_id: str) -> None:
    """How many are before this run."""
    count = runs_before(run_id)
    before = f"{count} before it." if count else "It is the next to start."
    st.info(f"Waiting for a free place in the engine. {before}", icon=":material/hourglass_empty:")


def show_queue(state: LabState, run_id: str | None = None) -> None:
    """The other runs that train or wait, each with a button to watch it."""
    running = [run for run in state.in_state("running", "paused") if run.id != run_id]
    places = {queued: place for place, queued in enumerate(waiting_runs(), start=1)}
    waiting = sorted(
        (run for run in state.in_state("queued") if run.id in places and run.id != run_id),
        key=lambda run: places[run.id],
    )
    if not running and not waiting:
        return
    st.markdown("**Also in the engine**")
    for run in running:
        _line(run, f"epoch {run.epoch} of {run.epochs}")
    for run in waiting:
        _line(run, f"waiting, {places[run.id]} in line")


def _line(run: RunSummary, words: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            plain(run.name),
            key=f"watch_{run.id}",
            type="tertiary",
            icon=":material/visibility:",
            on_click=watch,
            args=(run.id,),
        )
        st.caption(words)

"""Which runs train and which wait, in the order of the queue."""

from __future__ import annotations

import streamlit as st

from fmnist_core.runs.library import RunSummary
from fmnist_ui.lab_state import lab_state
from fmnist_ui.page_errors import plain
from fmnist_ui.train.choice import watch


def show_waiting(run_id: str) -> None:
    """How many are before this run."""
    waiting = [run.id for run in _queue()]
    place = waiting.index(run_id) + 1 if run_id in waiting else 1
    before = "It is the next to start." if place == 1 else f"{place - 1} before it."
    st.info(f"Waiting for a free place in the engine. {before}", icon=":material/hourglass_empty:")


def show_queue(run_id: str | None = None) -> None:
    """The other runs that train or wait, each with a button to watch it."""
    running = [run for run in lab_state().in_state("running", "paused") if run.id != run_id]
    waiting = [run for run in _queue() if run.id != run_id]
    if not running and not waiting:
        return
    st.markdown("**Also in the engine**")
    for run in running:
        _line(run, f"epoch {run.epoch} of {run.epochs}")
    for place, run in enumerate(waiting, start=1):
        _line(run, f"waiting, {place} in line")


def _queue() -> list[RunSummary]:
    return list(reversed(lab_state().in_state("queued")))


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

"""Watching one run: what it is, how far it is, its curves, and what can be done about it.

The page around it is drawn once; only `_tick` runs every second, and it reads no more than what
the run's diary has gained since the last time.
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from fmnist_core.engine.client import heal
from fmnist_core.evaluation import Repeats
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import summary_of
from fmnist_core.runs.status import RunStatus
from fmnist_core.settings import load_settings
from fmnist_ui.following import history_of, trace_of
from fmnist_ui.lab_state import LabState
from fmnist_ui.overtime.strip import show_probe_strip
from fmnist_ui.page_errors import page_errors
from fmnist_ui.train.curves import show_curves
from fmnist_ui.train.engine_notice import show_engine_notice
from fmnist_ui.train.figures_now import show_figures_now
from fmnist_ui.train.outcome import show_outcome
from fmnist_ui.train.queue_view import show_queue, show_waiting
from fmnist_ui.train.run_controls import show_controls
from fmnist_ui.train.run_diary import show_log, show_notes, show_tracking
from fmnist_ui.train.run_header import show_header
from fmnist_ui.train.waiting import runs_before

# Seconds between two looks: quick just before there is something to see, calm where nothing is due.
_BEFORE_FIRST_POINT, _STEADY, _CALM = 0.3, 1.0, 2.0


def show_run(run_id: str, state: LabState, seeds: Repeats | None) -> None:
    """The live view of a run, or what became of it, and the other runs in the engine.

    Args:
        seeds: The run with its other seeds, where it has any.

    Raises:
        RunError: There is no such run.
    """
    folder = RunFolder.open(load_settings().runs_dir, run_id)
    status = _status(folder)
    show_header(folder, status, len(seeds.runs) if seeds else 1)
    if status.active:
        show_controls(folder, status)
    else:
        show_outcome(folder, status)
    # A fragment of its own interval: Streamlit takes it where the fragment is made.
    pace = _interval(folder, status)
    st.fragment(_tick, run_every=pace)(run_id, status.state, pace)
    show_queue(state, run_id)


def _interval(folder: RunFolder, status: RunStatus) -> float | None:
    if not status.active:
        return None
    if status.state == "paused":
        return _CALM
    if status.state == "queued":
        return _CALM if runs_before(folder.id) else _STEADY
    return _STEADY if history_of(folder).batches else _BEFORE_FIRST_POINT


@page_errors()
def _tick(run_id: str, state: str, pace: float | None) -> None:
    folder = RunFolder.open(load_settings().runs_dir, run_id)
    status = _status(folder)
    if status.active:
        heal(load_settings())
    if status.state != state or _interval(folder, status) != pace:
        # The page around changes too: other buttons, another interval.
        st.rerun()
    if not show_engine_notice(status) and status.state == "queued":
        show_waiting(run_id)
    history = history_of(folder)
    show_figures_now(history, status)
    show_curves(history)
    show_probe_strip(trace_of(folder))
    show_notes(history)
    show_tracking(folder)
    show_log(folder)


def _status(folder: RunFolder) -> RunStatus:
    """The run's status, also where its process is gone and could not write it any more."""
    status = folder.status
    if not status.active:
        return status
    now = summary_of(folder)
    return replace(status, state=now.state, error=now.error, advice=now.advice)

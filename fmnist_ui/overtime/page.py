"""The page "Over time": a run, what was found wrong with it, and one slider that moves it all."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import DAMAGED, RunSummary, list_runs
from fmnist_core.settings import load_settings
from fmnist_core.shipped import folder_of, shipped_runs
from fmnist_ui.overtime.moving import show_moving
from fmnist_ui.overtime.pins import show_pins
from fmnist_ui.page_errors import page_errors
from fmnist_ui.results import no_run_yet, run_picker, shipped_words

_RUN = "overtime_run"


def show_overtime() -> None:
    """Everything below the lead."""
    settings = load_settings()
    runs = [run for run in list_runs(settings) if run.state != DAMAGED]
    shipped = shipped_runs()
    _prefer(runs)
    if not runs:
        no_run_yet.show(training=False, instead=bool(shipped))
    if runs or shipped:
        chosen = run_picker.show([*runs, *shipped], _RUN)
        shipped_words.show(chosen)
        show_moving(folder_of(chosen.id, settings))
    with page_errors():
        show_pins()


def _prefer(runs: Sequence[RunSummary]) -> None:
    """What trains now comes first, then the newest run that has a trace."""
    known = {run.id for run in runs}
    if st.session_state.get(_RUN) in known or st.query_params.get("run"):
        return
    place = load_settings().runs_dir
    wanted = [run for run in runs if run.active] + [
        run for run in runs if RunFolder(place / run.id).trace_path.is_file()
    ]
    if wanted:
        st.session_state[_RUN] = wanted[0].id

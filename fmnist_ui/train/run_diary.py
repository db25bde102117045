"""What people should know about a run, and what its process printed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import streamlit as st

from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import History
from fmnist_core.tracking import tracking_errors
from fmnist_ui.page_errors import plain

_LOG_BYTES = 12_000
_PROGRAMS = {"tensorboard": "TensorBoard", "mlflow": "MLflow"}


def show_notes(history: History) -> None:
    """Pauses, changes and gaps, newest last."""
    if history.notes:
        lines = [f"- :gray[{_clock(note.t)}] {plain(note.text)}" for note in history.notes[-8:]]
        st.markdown("\n".join(lines))


def show_tracking(folder: RunFolder) -> None:
    """Which other program could not be told of the run, and why."""
    for name, error in tracking_errors(folder).items():
        st.caption(
            f":orange[:material/cloud_off:] {_PROGRAMS[name]} could not be told of this run: "
            f"{plain(error)}. The training itself goes on."
        )


def show_log(folder: RunFolder) -> None:
    """The end of the worker's log; nothing is read while it is folded."""
    fold = st.expander(
        "The worker's log", icon=":material/terminal:", key="fold_log", on_change="rerun"
    )
    if fold.open:
        with fold:
            st.code(_tail(folder.log_path) or "Nothing yet.", language=None, height=300)


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LOG_BYTES))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return text if len(text) < _LOG_BYTES else text.partition("\n")[2]


def _clock(seconds: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds))

"""What a watched run has to do with the engine: nothing goes on while that is not running."""

from __future__ import annotations

import streamlit as st

from fmnist_core.engine.client import engine_status, ensure_engine, start_failure
from fmnist_core.runs.status import RunStatus
from fmnist_core.settings import load_settings
from fmnist_ui.page_errors import page_errors, plain

# A training that a person began with `train --here` needs no engine.
_WITHOUT_ENGINE = "here"


def show_engine_notice(status: RunStatus) -> bool:
    """Says why a run that wants the engine stands still; returns whether it did."""
    if not status.active or status.worker == _WITHOUT_ENGINE:
        return False
    settings = load_settings()
    engine = engine_status(settings)
    if engine.running:
        return False
    if engine.halted:
        _offer("The engine was stopped by hand, so nothing goes on.")
    elif failure := start_failure(settings):
        _offer(plain(failure), "Try again")
    else:
        _offer("The engine is not running; the lab tries to start it.")
    return True


def _offer(words: str, label: str = "Start the engine") -> None:
    st.warning(words, icon=":material/bolt:")
    st.button(label, icon=":material/play_arrow:", on_click=_start, key="start_engine")


def _start() -> None:
    with page_errors():
        ensure_engine(load_settings())

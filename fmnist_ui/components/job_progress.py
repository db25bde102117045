"""How far a job is, with a button that stops it: the same on every page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from fmnist_core.background_job import JobState
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.words import duration


def show_job_progress(
    state: JobState[Any], words: str, *, key: str = "", stop: Callable[[], object] | None = None
) -> None:
    """A bar and what is done now; the page is drawn anew after a stop.

    Args:
        words: Shown while the job itself says nothing.
        key: The stop button's.
        stop: Stops the job; without it there is no button.
    """
    said = state.what or words
    left = "…" if state.seconds_left is None else f", about {duration(state.seconds_left)} left"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.progress(min(1.0, max(0.0, state.share)), plain(said[:1].upper() + said[1:]) + left)
        if stop is not None and st.button("Stop", icon=":material/stop:", key=key):
            with page_errors():
                stop()
                st.rerun()

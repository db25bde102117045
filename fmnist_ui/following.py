"""A run's diary and trace as a session knows them: each look reads only what is new."""

from __future__ import annotations

import streamlit as st

from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import Followed, History, follow
from fmnist_core.traces import Trace, read_trace


def trace_of(folder: RunFolder) -> Trace:
    """What the run has written down so far."""
    key = f"traced/{folder.id}"
    trace = read_trace(folder, st.session_state.get(key))
    st.session_state[key] = trace
    return trace


def history_of(folder: RunFolder) -> History:
    """What has happened in it so far."""
    key = f"followed/{folder.id}"
    followed = follow(folder.events_path, st.session_state.get(key) or Followed())
    st.session_state[key] = followed
    return followed.history

"""The part of the page that moves: with the slider, by itself, and while a run trains."""

from __future__ import annotations

import streamlit as st

from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import summary_of
from fmnist_core.settings import load_settings
from fmnist_core.shipped import folder_of
from fmnist_core.traces import Snapshot, Trace
from fmnist_ui.following import history_of, trace_of
from fmnist_ui.overtime.findings import show_findings
from fmnist_ui.overtime.panels import show_panels
from fmnist_ui.overtime.words import moment_words, place_words
from fmnist_ui.page_errors import page_errors
from fmnist_ui.train.curves import show_curves

_PLAYING = "overtime_playing"
_PLAY_SECONDS, _LIVE_SECONDS = 0.8, 1.5


def show_moving(folder: RunFolder) -> None:
    """Diagnosis, slider and all that hangs on it."""
    pace = _pace(folder)
    # A fragment of its own interval: Streamlit takes it where the fragment is made.
    st.fragment(_tick, run_every=pace)(folder.id, pace)


def _pace(folder: RunFolder) -> float | None:
    if st.session_state.get(_PLAYING):
        return _PLAY_SECONDS
    return _LIVE_SECONDS if summary_of(folder).active else None


@page_errors()
def _tick(run_id: str, pace: float | None) -> None:
    folder = folder_of(run_id, load_settings())
    if _pace(folder) != pace:
        st.rerun()
    trace = trace_of(folder)
    history = history_of(folder)
    show_findings(history, trace, folder)
    _show_missing(trace)
    if not trace.snapshots:
        show_curves(history)
        return
    show_panels(trace, _choose_moment(run_id, trace))


def _show_missing(trace: Trace) -> None:
    if trace.missing:
        st.caption(":material/info: " + " ".join(trace.missing))


def _choose_moment(run_id: str, trace: Trace) -> Snapshot:
    """The slider; while playing it steps on, and while training it stays at the end."""
    key, count = f"overtime/{run_id}/place", len(trace.snapshots)
    _step(key, count)
    with st.container(horizontal=True, vertical_alignment="bottom", key="overtime_moment"):
        _show_play(key, count)
        place = 0
        if count > 1:
            place = st.select_slider(
                "Moment",
                range(count),
                key=key,
                format_func=lambda index: place_words(trace.snapshots[index]),
            )
    chosen = trace.snapshots[min(place, count - 1)]
    st.markdown(moment_words(chosen, trace))
    return chosen


def _show_play(key: str, count: int) -> None:
    playing = bool(st.session_state.get(_PLAYING))
    st.button(
        "Pause" if playing else "Play",
        icon=":material/pause:" if playing else ":material/play_arrow:",
        key="overtime_play",
        on_click=_toggle,
        args=(key, count),
        disabled=count < 2,
        width=110,
    )


def _step(key: str, count: int) -> None:
    last = f"{key}/last"
    before = st.session_state.get(key, count - 1)
    at_end = before >= st.session_state.get(last, count) - 1
    if st.session_state.get(_PLAYING):
        now = before + 1
        if now >= count - 1:
            st.session_state[_PLAYING] = False
    else:
        # Who looks at the end goes on looking at it as it moves.
        now = count - 1 if at_end and st.session_state.get(last, count) < count else before
    st.session_state[key] = max(0, min(now, count - 1))
    st.session_state[last] = count


def _toggle(key: str, count: int) -> None:
    playing = not st.session_state.get(_PLAYING)
    st.session_state[_PLAYING] = playing
    if playing and st.session_state.get(key, 0) >= count - 1:
        # One before the beginning: the first step of playing leads there.
        st.session_state[key] = -1

"""Section Queue of page Class: who trains, who waits and from when on; the teacher steers it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from fmnist_core.classroom import left_over
from fmnist_core.engine import steering
from fmnist_core.engine.client import request, stop_waiting
from fmnist_core.engine.waiting_line import ordinal, waiting_line
from fmnist_core.permissions import Person
from fmnist_core.runs.library import RunSummary
from fmnist_core.settings import load_settings
from fmnist_ui.lab_state import known_runs, nickname_of
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.words import state_words

_PACE = 2.0


def show_queue(_teacher: Person) -> None:
    """The section, which looks again every two seconds."""
    st.fragment(_tick, run_every=_PACE)()


@page_errors()
def _tick() -> None:
    settings = load_settings()
    runs = {run.id: run for run in known_runs(settings)}
    line = waiting_line(settings)
    training = [run for run in runs.values() if run.state in ("running", "paused")]
    _ask_about_left_over(runs)
    _show_steering(len(training), len(line.places), held=line.held)
    for run in sorted(training, key=lambda run: run.created):
        _show_training(run, held=line.held)
    for place in line.places:
        if place.run_id in runs:
            waits = runs[place.run_id]
            words = f"{ordinal(place.position)}, {place.start_words}"
            with _row(waits, words, nickname_of(waits.owner)):
                _button("Put first", waits, partial(_put_first, waits.id))
                _button("Stop", waits, partial(_stop_waiting, waits.id))


def _ask_about_left_over(runs: dict[str, RunSummary]) -> None:
    found = left_over(load_settings())
    names = [plain(runs[run_id].name) for run_id in found.runs if run_id in runs]
    count = len(names) + len(found.sweeps)
    if not count:
        return
    what = ", ".join([*names[:4], *(["more"] if len(names) > 4 else [])])
    sweeps = f"{len(found.sweeps)} sweep{'s' if len(found.sweeps) > 1 else ''}"
    parts = [what, sweeps if found.sweeps else ""]
    with st.container(border=True, key="left_over"):
        st.markdown(
            f"**Left over from before the class:** {' and '.join(filter(None, parts))}. They take "
            "no slot unless you continue them."
        )
        with st.container(horizontal=True):
            st.button("Continue them", key="continue_left_over", on_click=_continue_left_over)
            st.button("Leave them", key="leave_left_over", on_click=_leave_left_over)


def _show_steering(training: int, waiting: int, *, held: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        words = f"**{training} training, {waiting} waiting**"
        st.markdown(f"{words} · all paused" if held else words, width="stretch")
        if held:
            st.button(
                "Resume all",
                icon=":material/play_arrow:",
                type="primary",
                key="resume_all",
                on_click=_resume_all,
            )
        else:
            st.button(
                "Pause all",
                icon=":material/pause:",
                key="pause_all",
                help="Nothing trains and nothing begins until you resume all.",
                on_click=_pause_all,
            )
        with st.popover(
            "Stop all", icon=":material/stop:", disabled=not training + waiting, key="ask_stop_all"
        ):
            st.markdown(
                f"Stops {training} in training and {waiting} waiting, and all sweeps. Weights "
                "trained so far are kept; each run can be continued."
            )
            st.button("Stop all training", type="primary", key="stop_all", on_click=_stop_all)


def _show_training(run: RunSummary, *, held: bool) -> None:
    words = f"{state_words(run.state).word}, epoch {run.epoch} of {run.epochs}"
    with _row(run, words, nickname_of(run.owner)):
        if run.state == "running" and not held:
            _button("Pause", run, partial(_request, run.id, pause=True))
        elif not held:
            _button("Resume", run, partial(_request, run.id, pause=False))
        _button("Stop", run, partial(_request, run.id, stop=True))


def _row(run: RunSummary, words: str, owner: str) -> st.delta_generator.DeltaGenerator:
    row = st.container(horizontal=True, vertical_alignment="center", key=f"queue_{run.id}")
    who = plain(owner) if owner else "Not of the class"
    row.markdown(f"**{who}** · {plain(run.name)}  \n:gray[:small[{words}]]", width="stretch")
    return row


def _button(label: str, run: RunSummary, deed: Callable[[], None]) -> None:
    # Without an icon: both buttons of a row stay beside its words on a phone.
    st.button(label, key=f"queue_{label}_{run.id}", on_click=deed)


def _put_first(run_id: str) -> None:
    with page_errors():
        steering.put_first(run_id, load_settings())


def _stop_waiting(run_id: str) -> None:
    with page_errors():
        stop_waiting([run_id], load_settings())


def _request(run_id: str, **asked: bool) -> None:
    with page_errors():
        request(run_id, load_settings(), **asked)


def _pause_all() -> None:
    with page_errors():
        steering.pause_all(load_settings())


def _resume_all() -> None:
    with page_errors():
        steering.resume_all(load_settings())


def _stop_all() -> None:
    with page_errors():
        count = steering.stop_all(load_settings())
        st.toast(f"Stopped {count} run{'' if count == 1 else 's'}.", icon=":material/stop:")


def _continue_left_over() -> None:
    with page_errors():
        steering.continue_left_over(load_settings())


def _leave_left_over() -> None:
    with page_errors():
        steering.leave_left_over(load_settings())

"""Section "After class": results and reports to take along, and the end of what is personal."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

import streamlit as st

from fmnist_core.background_job import JobState
from fmnist_core.classwork.personal_data import (
    DAYS,
    Found,
    carry_out,
    delete_after,
    delete_all,
    deleted_at,
    found_of_all,
)
from fmnist_core.classwork.results import (
    StudentResult,
    make_reports,
    reports_state,
    results,
    results_csv,
    stop_reports,
)
from fmnist_core.errors import ClassError, LabError
from fmnist_core.permissions import Person, carried, the_lab_acts
from fmnist_core.settings import load_settings
from fmnist_ui.components.data_table import COUNT, SHARE, Column, data_table
from fmnist_ui.components.job_progress import show_job_progress
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.words import day, whole

_log = logging.getLogger(__name__)
_SOON, _AN_HOUR, _WHILE_MADE = 5.0, 3600.0, 1.0
_MAKING, _CAME_OF_IT = "after_class/making", "after_class/deleted"


def begin_deletions() -> None:
    """For the server, at its start: deletes what is due now, and goes on to look.

    Costs a lab without a class one look at a file.
    """
    if (load_settings().home / "class").is_dir():
        threading.Thread(target=_delete_what_is_due, name="deletions", daemon=True).start()


def _delete_what_is_due() -> None:
    """Soon again where something could not go yet, such as a run that is still being stopped; less
    and less often where it never can."""
    pause = _SOON
    while True:
        with the_lab_acts():
            try:
                done = carry_out(load_settings())
            except (LabError, OSError) as error:
                _log.warning("What is due cannot be deleted yet: %s", error)
                done = False
        pause = _SOON if done else min(2 * pause, _AN_HOUR)
        time.sleep(pause)


def show_after_class(_teacher: Person) -> None:
    """The section, for the teacher."""
    say_deleted()
    left, right = st.columns([2, 1], gap="large")
    with left:
        _show_results(results(load_settings()))
    with right, st.container(border=True):
        _show_deletion()


def _show_results(found: tuple[StudentResult, ...]) -> None:
    st.subheader("Results", anchor=False)
    if not found:
        st.caption("No student is in the class.")
        return
    with st.container(horizontal=True):
        st.download_button(
            "Results (CSV)",
            # Called by the server as the file is fetched, where nobody acts.
            carried(lambda: results_csv(load_settings())),
            "results.csv",
            "text/csv",
            key="results_csv",
            icon=":material/table:",
            on_click="ignore",
        )
        making = st.session_state.get(_MAKING, False)
        st.fragment(_show_reports, run_every=_WHILE_MADE if making else None)()
    data_table(
        [
            Column("Student", [one.member.nickname for one in found], pinned=True),
            Column("Runs", [len(one.runs) for one in found], COUNT),
            Column(
                "Best validation accuracy",
                [one.best and one.best.best_validation_accuracy for one in found],
                SHARE,
                "On the validation images of the run itself, which differ where seed or share do: "
                "the leaderboard compares runs on the same images.",
            ),
            Column("Epochs", [one.best and one.best.epoch for one in found], COUNT),
            Column("Parameters", [one.best and one.best.parameters for one in found], COUNT),
            Column("Minutes", [one.best and one.best.seconds / 60 for one in found], "%.1f"),
            Column("Lesson steps", [one.steps for one in found], COUNT, "Steps they answered."),
        ],
        alt="The students of the class with their best run.",
    )


@page_errors()
def _show_reports() -> None:
    """One report a student: begun, made, downloaded."""
    state = reports_state(load_settings())
    if state.running:
        stop = partial(stop_reports, load_settings())
        show_job_progress(state, "Making the reports", key="reports_stop", stop=stop)
    elif state.result is not None:
        st.download_button(
            "Reports (ZIP)",
            state.result,
            "reports.zip",
            "application/zip",
            key="reports_zip",
            icon=":material/folder_zip:",
            type="primary",
            on_click="ignore",
        )
    else:
        _offer_reports(state)
    if st.session_state.get(_MAKING, False) != state.running:
        st.session_state[_MAKING] = state.running
        st.rerun()


def _offer_reports(state: JobState[bytes]) -> None:
    if state.error is not None:
        show_error(state.error)
    if st.button(
        "Make a report of each best run",
        key="reports_make",
        icon=":material/description:",
        help="One page each that opens without the lab; a few seconds a student.",
    ):
        make_reports(load_settings())
        st.session_state[_MAKING] = True
        st.rerun()


def _show_deletion() -> None:
    settings = load_settings()
    st.subheader("Personal data", anchor=False)
    found = found_of_all(settings)
    if found:
        st.markdown(in_words(found))
    else:
        st.caption("Nothing personal is kept.")
    if st.button(
        "Delete everything personal",
        key="delete_all",
        icon=":material/delete_forever:",
        disabled=not found,
    ):
        _confirm(found)
    try:
        at = deleted_at(settings)
    except ClassError as error:
        show_error(error)
        at = None
    left = 0 if at is None else max(1, round((at - time.time()) / 86_400))
    st.number_input(
        "Delete automatically after (days; 0: never)",
        0,
        DAYS[1],
        left,
        key="delete_days",
        help="Counted from today. It is done while the lab runs, or when it starts the next time.",
        on_change=_set_days,
    )
    if at is not None:
        st.markdown(f"Everything personal is deleted on **{day(at)}**; runs stay without a name.")


def _set_days() -> None:
    with page_errors():
        delete_after(load_settings(), int(st.session_state["delete_days"]))


def in_words(found: tuple[Found, ...]) -> str:
    """What there is, as a list of Markdown."""
    return "\n".join(f"- {plain(one.title)}: **{whole(one.count)}**" for one in found)


@st.dialog("Delete everything personal?", icon=":material/delete_forever:")
def _confirm(found: tuple[Found, ...]) -> None:
    st.markdown(
        f"{in_words(found)}\n\nStudents leave the class, and runs lose their names and owners. "
        "This cannot be undone. Download the results first."
    )
    runs = st.checkbox("Also delete the students' runs", False, key="delete_all_runs")
    with st.container(horizontal=True):
        pressed = [
            st.button(
                "Delete", type="primary", key="delete_all_confirm", on_click=_delete, args=(runs,)
            ),
            st.button("Cancel", key="delete_all_cancel"),
        ]
    if any(pressed):
        st.rerun()


def _delete(runs: bool) -> None:
    note_deletion(lambda: delete_all(load_settings(), runs=runs))


def note_deletion(delete: Callable[[], bool]) -> None:
    """Callback: deletes, and notes for the next run of the page what came of it."""
    still = "Runs are being stopped; what they hold is deleted when they have ended."
    try:
        st.session_state[_CAME_OF_IT] = "Deleted." if delete() else still
    except LabError as error:
        st.session_state[_CAME_OF_IT] = error.to_keep()


def say_deleted() -> None:
    """What came of the last deletion, once."""
    said = st.session_state.pop(_CAME_OF_IT, None)
    if isinstance(said, LabError):
        show_error(said)
    elif said is not None:
        st.toast(said, icon=":material/delete:")

"""Section "Leaderboard": the runs of the class on images that none of them has seen."""

from __future__ import annotations

import streamlit as st

from fmnist_core.background_job import JobState
from fmnist_core.classwork.leaderboard import (
    AGAINST,
    Entry,
    Leaderboard,
    judge,
    leaderboard,
    show_against,
    shown_against,
)
from fmnist_core.permissions import Person
from fmnist_core.settings import load_settings
from fmnist_ui.components.data_table import COUNT, SHARE, WRITTEN, Column, data_table
from fmnist_ui.components.job_progress import show_job_progress
from fmnist_ui.figures.leaderboard import cost_chart
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.theme import palette, show_chart
from fmnist_ui.words import data_title, spanning, whole

_WHILE_ASKED = 1.5
_ASKING = "leaderboard/asking"
_CHOICE = "leaderboard_against"
_TITLES = {"": "Ranking", "parameters": "Against parameters", "minutes": "Against training time"}
_AXES = {"parameters": "parameters", "minutes": "minutes of training"}


def show_leaderboard(person: Person) -> None:
    """The section, for teacher and students."""
    if person.teaches:
        st.segmented_control(
            "Show",
            AGAINST,
            default=st.session_state.get(_CHOICE, shown_against(load_settings())),
            required=True,
            format_func=_TITLES.__getitem__,
            key=_CHOICE,
            label_visibility="collapsed",
            on_change=_set_against,
        )
    asking = st.session_state.get(_ASKING, False)
    st.fragment(_show_board, run_every=_WHILE_ASKED if asking else None)(person)


def _set_against() -> None:
    with page_errors():
        show_against(load_settings(), st.session_state[_CHOICE])


@page_errors()
def _show_board(person: Person) -> None:
    state = judge(load_settings())
    board = leaderboard(load_settings())
    running = state.running
    if board.entries:
        _show_entries(board, person)
    elif not running:
        st.info("Nobody has a finished run of this class yet.", icon=":material/leaderboard:")
    _show_state(state, board)
    st.caption(_about(board))
    if st.session_state.get(_ASKING, False) != running:
        st.session_state[_ASKING] = running
        st.rerun()


def _show_state(state: JobState[int], board: Leaderboard) -> None:
    if state.running:
        words = f"Asking the networks of {board.waiting} runs"
        show_job_progress(state, words, key="leaderboard_asking")
    elif state.error is not None:
        show_error(state.error)


def _show_entries(board: Leaderboard, person: Person) -> None:
    entries = board.entries
    if board.against:
        show_chart(
            cost_chart(
                [one.member.nickname for one in entries],
                [one.accuracy for one in entries],
                [one.interval for one in entries],
                [_cost(one, board.against) for one in entries],
                _AXES[board.against],
                palette(),
            ),
            key="leaderboard_chart",
        )
    data_table(
        [
            Column(
                "Rank",
                [f"{one.rank}{' =' if one.shared else ''}" for one in entries],
                WRITTEN,
                "=: the difference to the first of this rank is not significant (McNemar's test "
                "at the 5% level).",
                pinned=True,
            ),
            Column("Student", [_name(one, person) for one in entries], pinned=True),
            Column("Accuracy", [one.accuracy for one in entries], SHARE),
            Column("95% interval", [spanning(one.interval) for one in entries], WRITTEN),
            Column("Parameters", [one.run.parameters for one in entries], COUNT),
            Column("Minutes", [one.run.seconds / 60 for one in entries], "%.1f"),
        ],
        alt="The leaderboard of the class.",
    )


def _name(one: Entry, person: Person) -> str:
    return f"{one.member.nickname} (you)" if one.member.id == person.id else one.member.nickname


def _cost(one: Entry, against: str) -> float | None:
    return one.run.parameters if against == "parameters" else one.run.seconds / 60


def _about(board: Leaderboard) -> str:
    words = (
        f"On {whole(board.images)} training images of {data_title(board.dataset)} that all runs of "
        "this class hold back, and whose labels are shown to nobody. Each student enters with the "
        "run that is best by its own validation accuracy; runs that build on a network trained "
        "elsewhere do not count. The test images are not used."
    )
    if board.without:
        names = ", ".join(plain(one.nickname) for one in board.without[:8])
        more = f" and {len(board.without) - 8} more" if len(board.without) > 8 else ""
        words += f" Without a run that counts: {names}{more}."
    return words

"""The page "Take home": a network, the formats it can have, and the way in for others."""

from __future__ import annotations

import streamlit as st

from fmnist_core.export.formats import FORMATS, Format
from fmnist_core.export.job import ExportState
from fmnist_core.export.subject import Subject, subject_of
from fmnist_core.settings import load_settings
from fmnist_ui.page_errors import page_errors
from fmnist_ui.takehome.choice import choose_network
from fmnist_ui.takehome.format_card import show_format
from fmnist_ui.takehome.incoming import show_incoming
from fmnist_ui.takehome.packed import show_packed
from fmnist_ui.takehome.table import show_table

_IN_A_ROW = 3
_WHILE_MADE = 1.0


def show_take_home() -> None:
    """Everything below the lead."""
    with page_errors():
        subject = subject_of(choose_network(), load_settings())
        _show_formats(subject)
    with page_errors():
        show_incoming()


def _show_formats(subject: Subject) -> None:
    running = st.session_state.get(_key(subject), False)
    st.fragment(_cards, run_every=_WHILE_MADE if running else None)(subject)


@page_errors()
def _cards(subject: Subject) -> None:
    states: dict[Format, ExportState] = {}
    formats = list(FORMATS.values())
    for start in range(0, len(formats), _IN_A_ROW):
        columns = st.columns(_IN_A_ROW, gap="small")
        for column, wanted in zip(columns, formats[start:], strict=False):
            with column:
                states[wanted] = show_format(subject, wanted)
    show_packed(subject)
    show_table(states)
    _follow(subject, any(state.state == "running" for state in states.values()))


def _follow(subject: Subject, running: bool) -> None:
    """Looks again every second, only while something is being made."""
    if st.session_state.get(_key(subject), False) != running:
        st.session_state[_key(subject)] = running
        st.rerun()


def _key(subject: Subject) -> str:
    return f"takehome/{subject.model}/running"

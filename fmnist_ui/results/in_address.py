"""Choices within a section of the page Evaluate stand in its address, so that a link has them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import streamlit as st

from fmnist_ui.lessons.place import take_choice
from fmnist_ui.links import page_choices


def begin(name: str, key: str, usual: Any = None, among: Collection[Any] | None = None) -> None:
    """Before a widget is drawn: what a lesson's step or the address says, else what is usual.

    Nothing of the address where something was chosen already. What a link has that cannot be
    followed is said above the sections (`query_params.check_link`).

    Args:
        name: Of the choice in the address.
        key: Of the widget in the session state.
        among: What can be chosen here and now.
    """
    value = take_choice(name)
    if value is None:
        if key in st.session_state:
            return
        value = asked(name)
    if value is None or (among is not None and value not in among):
        value = usual
    if value is not None:
        st.session_state[key] = value


def asked(name: str) -> Any:
    """What the address says, checked; None where it says nothing that can be followed."""
    if name not in st.query_params:
        return None
    return page_choices("evaluate", {name: st.query_params[name]})[0].get(name)

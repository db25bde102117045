"""What a widget begins with in a browser that is late to draw it.

A value that is put into the session state before its widget is drawn reaches the browser once,
with the run that put it there. A slow browser still loads the widget's code then; should somebody
press another button meanwhile, the next run's widget takes the place of the one with the value,
and what the browser draws at last begins with the widget's own default: the first option, or
none. Then the browser tells the lab that this was chosen. So every widget whose value lies in the
session state gets that value as its own default as well, in every run.

Number fields that can be emptied have none, or Streamlit would not let them be emptied: a late one
is empty, and says that a number is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st


def start_of(key: str) -> Any:
    """The value that the session state holds for a widget; None where it holds none."""
    return st.session_state.get(key)


def start_among(options: Iterable[Any], key: str) -> int:
    """The same as the position in the options of a select box; 0 where it is none of them."""
    options = list(options)
    value = st.session_state.get(key)
    return options.index(value) if value in options else 0


def kept_selectbox(label: str, options: Iterable[str], key: str, usual: str, **looks: Any) -> str:
    """A select box that keeps its choice in the session, while that is one of the options.

    Args:
        usual: The option where nothing was chosen, or what was is there no more.
        looks: Of the select box, such as its width.
    """
    names = list(options)
    if st.session_state.get(key) not in names:
        st.session_state[key] = usual
    chosen = st.selectbox(
        label, names, index=start_among(names, key), key=key, persist_state="session", **looks
    )
    return str(chosen) if chosen in names else usual

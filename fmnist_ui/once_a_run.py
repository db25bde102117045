"""What is asked for many times while a page is drawn, and worked out once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

T = TypeVar("T")
_KEY = "once_a_run"


def once_a_run(key: Hashable, work: Callable[[], T]) -> T:
    """What `work` gave when this run of the page, or of a fragment, first asked.

    Who has just changed what it tells of, asks for it otherwise. Outside a run it is done anew.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return work()
    # A new dictionary for each run of the page or of a fragment.
    now = context.cursors
    then, found = st.session_state.get(_KEY, (None, {}))
    if now is not then:
        found = dict[Hashable, Any]()
        st.session_state[_KEY] = now, found
    if key not in found:
        found[key] = work()
    value: T = found[key]
    return value

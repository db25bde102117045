"""What the engine said is kept until something else is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from typing import TypeVar

import streamlit as st

from fmnist_ui.inside.choice import Chosen
from fmnist_ui.tryit.patience import answered

T = TypeVar("T")
_WAITING = "Asking the network; the first time takes some seconds…"


def asked_once(key: str, chosen: Chosen, which: Hashable, question: Callable[[], T]) -> T:
    """The answer to `question`, asked anew only for another network, image or `which`.

    Only the last answer is kept, since some hold whole maps. A person who goes on meanwhile does
    not wait for it.

    Args:
        key: Where the session keeps it.
        question: Must not use Streamlit.
    """
    asked = chosen.model, hashlib.sha256(chosen.image.tobytes()).digest(), which
    kept = st.session_state.get(key)
    if kept is None or kept[0] != asked:
        with st.spinner(_WAITING, show_time=False):
            kept = asked, answered(question)
        st.session_state[key] = kept
    found: T = kept[1]
    return found

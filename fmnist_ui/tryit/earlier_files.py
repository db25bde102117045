"""Files of earlier visits to the page: a browser's file field forgets them with the page."""

from __future__ import annotations

import streamlit as st

from fmnist_ui.tryit.item import Entry

# A picture takes up to 0.8 MB of the server's memory while the session lasts.
_MOST, _MOST_BYTES = 60, 64 * 2**20
_EARLIER = "try/earlier_files"


def earlier_files() -> list[Entry]:
    """What was opened before the file field was last emptied by going elsewhere, oldest first."""
    return list(st.session_state.get(_EARLIER, []))


def keep_for_later(entries: list[Entry]) -> None:
    """Adds what the file field has just forgotten; the oldest go where it would be too much."""
    st.session_state[_EARLIER] = newest([*st.session_state.get(_EARLIER, []), *entries])


def forget_earlier_files() -> None:
    """Lets them go."""
    st.session_state.pop(_EARLIER, None)


def newest(entries: list[Entry], most: int = _MOST, most_bytes: int = _MOST_BYTES) -> list[Entry]:
    """As many of the last entries as fit."""
    kept: list[Entry] = []
    size = 0
    for entry in reversed(entries[-most:]):
        size += 0 if entry.item is None else entry.item.picture.nbytes
        if size > most_bytes:
            break
        kept.insert(0, entry)
    return kept

"""Where the map of the data is zoomed to, kept while its colours and classes change.

Streamlit makes a chart anew when its figure is another one, so that one begins where the last was
left. A figure that stays the same must do so to the last digit: until then a new zoom waits.
"""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from fmnist_core.figures.atlas import Zoom

_SEEN, _BEGAN = "atlas/zoom", "atlas/zoom_began"


def remember_zoom(value: Any) -> None:
    """Keeps `{"x": [least, largest], "y": ...}`, or None for all; may come as anything."""
    st.session_state[_SEEN] = _checked(value)


def zoom_to_begin_with(places: object, look: object) -> Zoom | None:
    """The part of the map that its figure shows at first.

    Args:
        places: What says where points and star are; others are seen as a whole.
        look: What else makes a figure another one.
    """
    of_places, of_look, zoom = st.session_state.get(_BEGAN, (None, None, None))
    if of_places != places:
        zoom = st.session_state[_SEEN] = None
    elif of_look != look:
        zoom = st.session_state.get(_SEEN)
    st.session_state[_BEGAN] = places, look, zoom
    return zoom


def _checked(value: Any) -> Zoom | None:
    try:
        left, right, low, high = (float(end) for axis in "xy" for end in value[axis])
    except (TypeError, ValueError, KeyError):
        return None
    is_whole = all(math.isfinite(end) for end in (left, right, low, high))
    return Zoom((left, right), (low, high)) if is_whole else None

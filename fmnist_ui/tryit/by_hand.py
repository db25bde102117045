"""A person's item, and its corrections by hand on the way to the network's input."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.config.rules import help_of
from fmnist_core.errors import LabError
from fmnist_core.preprocessing.prepare import UNCORRECTED, Corrections
from fmnist_ui.components.config_field import config_field
from fmnist_ui.components.widget_start import start_of

# The id of whatever lies on the sheet, until the sheet is empty.
DRAWING = "drawing"

_MADE, _OF = "try/corrections", "try/corrections_of"
# The item whose strokes went with the picture that they lay on.
_STROKES_REMOVED = "try/strokes_removed"
_NAMES = tuple(item.name for item in fields(Corrections) if "rule" in item.metadata)
# What a stroke of the brush lies on.
_PLACE = ("rotate", "mirror", "crop")
_INVERT = "The network expects light on dark, so items on a light background are inverted."
_ACROSS, _DOWN = "try_crop_across", "try_crop_down"


@dataclass(frozen=True, eq=False)
class Item:
    """A drawing or picture that a person brought.

    Attributes:
        id: The same while it is the same item: corrections by hand belong to it.
        name: For people, as it came; may hold anything.
        picture: uint8 (h, w, 3), upright, longest side at most 512.
        note: What was done to it already, such as "Turned upright, as its camera noted."
        truth: Class number where it is known, as for an example.
    """

    id: str
    name: str
    picture: NDArray[np.uint8]
    note: str = ""
    truth: int | None = None


@dataclass(frozen=True, eq=False)
class Entry:
    """One file: what it shows, or why it cannot be shown."""

    id: str
    name: str
    item: Item | None = None
    error: LabError | None = None


def corrections_for(item_id: str) -> Corrections:
    """What the person set right for this item; nothing for most."""
    made = st.session_state.get(_MADE, {}).get(item_id, UNCORRECTED)
    return made if isinstance(made, Corrections) else UNCORRECTED


def keep_corrections(item_id: str, made: Corrections) -> None:
    """In place of what was set right for this item before."""
    if made.brush and strokes_removed(item_id):
        del st.session_state[_STROKES_REMOVED]
    st.session_state[_MADE] = {**st.session_state.get(_MADE, {}), item_id: made}


def strokes_removed(item_id: str) -> bool:
    """Whether turning, mirroring or cropping removed this item's strokes, and none came since."""
    return bool(st.session_state.get(_STROKES_REMOVED) == item_id)


def load_corrections(item: Item) -> None:
    """Lets the widgets show what belongs to this item. Call before they are drawn."""
    if st.session_state.get(_OF) == item.id and _key("reading") in st.session_state:
        return
    st.session_state[_OF] = item.id
    _put(corrections_for(item.id))


def forget_corrections(item_id: str) -> None:
    """The next item with this id is another one."""
    state = st.session_state
    state[_MADE] = {key: made for key, made in state.get(_MADE, {}).items() if key != item_id}
    state.pop(_OF, None)


def show_corrections(item: Item) -> None:
    """The widgets, folded away; what is changed counts from the page's next run."""
    made = corrections_for(item.id)
    changed = replace(made, brush=()) != UNCORRECTED
    title = "Correct preprocessing manually" + (" · changed" if changed else "")
    with st.expander(title, icon=":material/tune:", key="try_by_hand"):
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            ground = f"{help_of(Corrections, 'ground')} {_INVERT}"
            _field("ground", control="segmented", help=ground)
            _field("reading", control="segmented")
            _field("mirror")
        with st.container(horizontal=True, gap="medium"):
            _field("threshold", control="slider", step=0.05, width=320)
            _field("rotate", control="slider", step=5.0, width=320)
        with st.container(horizontal=True, gap="medium"):
            _crop("Crop width, %", _ACROSS)
            _crop("Crop height, %", _DOWN)
        st.button(
            "Reset to automatic",
            icon=":material/restart_alt:",
            on_click=_reset,
            disabled=not changed,
            key="try_reset",
        )


def _field(name: str, **more: Any) -> None:
    # What belongs to an item is kept with it, not with the widgets.
    more |= {"on_change": _changed, "persist_state": None}
    config_field(Corrections, name, key=_key(name), **more)


def _crop(words: str, key: str) -> None:
    st.slider(words, 0, 100, value=start_of(key), key=key, on_change=_changed, width=320)


def _changed() -> None:
    """Callback: keeps what the widgets say for the item they belong to."""
    state = st.session_state
    left, right = _apart(state[_ACROSS])
    top, bottom = _apart(state[_DOWN])
    said = {name: state[_key(name)] for name in _NAMES if state[_key(name)] is not None}
    _keep_all_but_strokes(replace(UNCORRECTED, **said, crop=(left, top, right, bottom)))


def _keep_all_but_strokes(made: Corrections) -> None:
    """The strokes stay as they are, or go where the picture below them is another one."""
    item_id = st.session_state[_OF]
    before = corrections_for(item_id)
    if all(getattr(made, name) == getattr(before, name) for name in _PLACE):
        made = replace(made, brush=before.brush)
    elif before.brush:
        st.session_state[_STROKES_REMOVED] = item_id
    keep_corrections(item_id, made)


def _apart(percent: tuple[int, int]) -> tuple[float, float]:
    low, high = percent
    low = min(low, 95)
    return low / 100, max(high, low + 5) / 100


def _reset() -> None:
    """Callback. The brush has its own reset."""
    _keep_all_but_strokes(UNCORRECTED)
    _put(UNCORRECTED)


def _put(made: Corrections) -> None:
    left, top, right, bottom = made.crop
    for name in _NAMES:
        st.session_state[_key(name)] = getattr(made, name)
    st.session_state[_ACROSS] = (round(100 * left), round(100 * right))
    st.session_state[_DOWN] = (round(100 * top), round(100 * bottom))


def _key(name: str) -> str:
    return f"try_by_hand_{name}"

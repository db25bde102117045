""" "It is a …": what it really is, kept with the item in a collection of one's own."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from fmnist_core.classes import CLASS_NAMES, OUTPUT_NAMES
from fmnist_core.collections import CollectionStore
from fmnist_core.collections.of_class import ClassCollection
from fmnist_core.errors import LabError
from fmnist_core.permissions import acting
from fmnist_core.preprocessing.decode import LONGEST_SIDE
from fmnist_core.preprocessing.prepare import Corrections, turned
from fmnist_core.settings import load_settings
from fmnist_ui.classroom.joining import is_class
from fmnist_ui.components.verdict_words import NOT_CLOTHING
from fmnist_ui.page_errors import show_error
from fmnist_ui.tryit.by_hand import Item, corrections_for

FIRST_COLLECTION = "mine"
COLLECTION, _REALLY, _OF = "try_collection", "try_really", "try/really_of"
_OPTIONS = (*OUTPUT_NAMES, NOT_CLOTHING)
_OPTIONS_HELP = (
    "What the item really is. Other clothing: hats, skirts, gloves, other shoes: clothing, but "
    "none of the ten classes."
)


def show_correction(item: Item) -> None:
    """One line: the true class, and the button that keeps the item under it."""
    _begin_anew_with(item)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="try_correct"):
        st.selectbox(
            "True class",
            _OPTIONS,
            index=None,
            placeholder="Choose the class",
            key=_REALLY,
            width=190,
            # "T-shirt/top" and "Other clothing".
            format_func=lambda name: name[:1].upper() + name[1:],
            help=_OPTIONS_HELP,
        )
        st.button(
            "Add to collection",
            icon=":material/bookmark_add:",
            key="try_keep",
            on_click=_keep,
            args=(item,),
            disabled=st.session_state.get(_REALLY) is None,
            help="Adds the item to your collection, which you can train networks on.",
        )
        _offer_to_class(item)
    error = st.session_state.pop("try/keep_failed", None)
    if error is not None:
        show_error(error)


def _offer_to_class(item: Item) -> None:
    """Never by itself: a drawing or photo goes to the class with this press alone."""
    if not is_class():
        return
    rules = ClassCollection(load_settings()).rules
    if rules is None or not rules.open:
        return
    st.button(
        "Also for the class",
        icon=":material/groups:",
        key="try_for_class",
        on_click=_give,
        args=(item,),
        disabled=st.session_state.get(_REALLY) is None,
        help="Gives the item to the collection of the class. Your teacher looks at it first.",
    )


def _begin_anew_with(item: Item) -> None:
    """What was said of one item does not stand below the next."""
    if st.session_state.get(_OF) != item.id:
        st.session_state.update({_OF: item.id, _REALLY: None})


def forget_said() -> None:
    """There is no item: the next one is another, even where it is again a drawing."""
    st.session_state.pop(_OF, None)


def said_class() -> int | None:
    """The class number that was said of the item; None for nothing, and for none of the ten."""
    said = st.session_state.get(_REALLY)
    return CLASS_NAMES.index(said) if said in CLASS_NAMES else None


def _said_label() -> int | None:
    """The label that was said of the item, as that of an `Item`."""
    said = st.session_state[_REALLY]
    return None if said == NOT_CLOTHING else OUTPUT_NAMES.index(said)


def collection_name() -> str:
    """The collection in use; it may not exist yet."""
    person = acting()
    # In a class, each one begins a collection of their own.
    first = f"{FIRST_COLLECTION}-{person.id[:4]}" if person else FIRST_COLLECTION
    return str(st.session_state.get(COLLECTION) or first)


def _give(item: Item) -> None:
    """The class stays chosen: the item can be kept in one's own collection as well."""
    try:
        picture = as_kept(item.picture, corrections_for(item.id))
        ClassCollection(load_settings()).add(picture, _said_label())
    except LabError as error:
        st.session_state["try/keep_failed"] = error.to_keep()
        return
    st.toast("Given to the class. Your teacher looks at it first.", icon=":material/groups:")


def _keep(item: Item) -> None:
    said, label = st.session_state[_REALLY], _said_label()
    try:
        picture = as_kept(item.picture, corrections_for(item.id))
        CollectionStore(load_settings()).add_picture(collection_name(), picture, label)
    except LabError as error:
        st.session_state["try/keep_failed"] = error.to_keep()
        return
    st.session_state[_REALLY] = None
    st.toast(f"Added as {said}.", icon=":material/bookmark_added:")


def as_kept(picture: NDArray[np.uint8], corrections: Corrections) -> NDArray[np.uint8]:
    """The picture after turning and cropping by hand, before anything else is done to it."""
    shown = Image.fromarray(turned(picture, corrections))
    # A turn by hand makes the sheet larger.
    shown.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return np.asarray(shown)

"""Which image goes through the network: a test image, or one brought from another page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.datasets.dataset import ImageSet
from fmnist_ui.components.datasets import at_hand, dataset
from fmnist_ui.components.widget_start import start_of
from fmnist_ui.links.query_params import tell_choice
from fmnist_ui.words import data_name

TEST, TRIED, BROUGHT = "Test images", "From Try it", "From another page"
_ICONS = {TEST: "grid_view", TRIED: "draw", BROUGHT: "move_to_inbox"}
FROM, CLASS, NUMBER = "inside_from", "inside_class", "inside_number"
_TRIED, _BROUGHT = "inside/tried", "inside/brought"
_ALL = "All classes"
# What the test image's number is called in the page's address.
_ADDRESS = "image"


@dataclass(frozen=True, eq=False)
class Picture:
    """An image uint8 (s, s), its name for people, and its true class where it is known."""

    image: NDArray[np.uint8]
    name: str
    label: int | None


def remember_tried(image: NDArray[np.uint8], name: str, label: int | None = None) -> None:
    """Called by Try it: the network's input that was looked at last."""
    st.session_state[_TRIED] = Picture(image, name, label)


def bring(image: NDArray[np.uint8], name: str, label: int | None = None) -> None:
    """Makes the image the one that is looked at; that of Try it under its own name."""
    tried: Picture | None = st.session_state.get(_TRIED)
    if tried is not None and np.array_equal(tried.image, image):
        st.session_state[FROM] = TRIED
        return
    st.session_state[_BROUGHT] = Picture(image, name, label)
    st.session_state[FROM] = BROUGHT


def choose_picture(wanted: str) -> Picture | None:
    """The row of controls; None where there is no image at all, which is explained.

    Args:
        wanted: The data set whose test images are offered, if it is at hand.
    """
    source = _choose_source()
    if source in (TRIED, BROUGHT):
        st.query_params.pop(_ADDRESS, None)
        found: Picture = st.session_state[_TRIED if source == TRIED else _BROUGHT]
        return found
    names = at_hand()
    if not names:
        st.info(
            "No images on this machine yet. Download them on the Data page.",
            icon=":material/grid_view:",
        )
        st.page_link("pages/data.py", label="Get images", icon=":material/grid_view:")
        return None
    name = wanted if wanted in names else names[0]
    return _choose_test_image(dataset(name).test, data_name(name))


def _choose_source() -> str:
    keys = {TEST: FROM, TRIED: _TRIED, BROUGHT: _BROUGHT}
    there = [name for name, key in keys.items() if name == TEST or key in st.session_state]
    if st.session_state.get(FROM) not in there:
        st.session_state[FROM] = TEST
    if len(there) == 1:
        return TEST
    chosen = st.segmented_control(
        "Image",
        there,
        default=start_of(FROM),
        key=FROM,
        format_func=lambda name: f":material/{_ICONS[name]}: {name}",
        required=True,
        persist_state="session",
    )
    return chosen or TEST


def _choose_test_image(test: ImageSet, of: str) -> Picture:
    last = len(test) - 1
    if NUMBER not in st.session_state:
        st.session_state[NUMBER] = _asked_number()
    st.session_state[NUMBER] = min(last, max(0, int(st.session_state[NUMBER] or 0)))
    st.selectbox(
        "Class",
        [_ALL, *CLASS_NAMES],
        key=CLASS,
        width=150,
        on_change=_draw,
        args=(test.labels,),
        persist_state="session",
    )
    number = st.number_input(
        "Test image",
        0,
        last,
        value=start_of(NUMBER),
        key=NUMBER,
        width=150,
        persist_state="session",
    )
    st.button("Another", icon=":material/shuffle:", on_click=_draw, args=(test.labels,))
    place = min(last, max(0, int(number or 0)))
    tell_choice(_ADDRESS, place)
    return Picture(test.images[place], f"Test image {place} of {of}", int(test.labels[place]))


def _asked_number() -> int:
    asked = st.query_params.get(_ADDRESS, "")
    return int(asked) if asked.isdecimal() and len(asked) < 7 else 0


def _draw(labels: NDArray[np.uint8]) -> None:
    """Another test image, of the chosen class."""
    name = st.session_state.get(CLASS)
    of_class = labels == CLASS_NAMES.index(name) if name in CLASS_NAMES else labels >= 0
    if of_class.any():
        st.session_state[NUMBER] = int(np.random.default_rng().choice(np.flatnonzero(of_class)))

"""Something to click for who has nothing at hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_COUNT, CLASS_NAMES
from fmnist_core.figures.thumbnail import thumbnail_url
from fmnist_core.looks.sketch_picture import sketch_picture
from fmnist_ui.datasets import at_hand, dataset
from fmnist_ui.tryit.item import Item
from fmnist_ui.tryit.picture_choice import Choice, show_choices
from fmnist_ui.words import data_title

_CHOSEN, _ROUND = "try/example", "try/example_round"


def show_examples() -> Item | None:
    """A line drawing and a test image of each class; returns the one that was clicked."""
    round_number = st.session_state.setdefault(_ROUND, 0)
    groups = {"Drawn by the lab": _drawn(round_number), **_test_images(round_number)}
    chosen = st.session_state.get(_CHOSEN, "")
    for title, items in groups.items():
        st.caption(title)
        choices = [_choice(item) for item in items]
        show_choices(title, choices, chosen, _choose, least=74, line=True, key=_key(title))
    st.button("Others", icon=":material/shuffle:", on_click=_others, key="try_other_examples")
    every = [item for items in groups.values() for item in items]
    return next((item for item in every if item.id == chosen), None)


def _key(title: str) -> str:
    return f"try_examples_{title.split()[0].lower()}"


def _choose(item_id: str) -> None:
    st.session_state[_CHOSEN] = item_id


def _others() -> None:
    st.session_state[_ROUND] += 1
    st.session_state.pop(_CHOSEN, None)


def _choice(item: Item) -> Choice:
    label = item.truth or 0
    pixels = len(item.picture) == 28
    source = thumbnail_url(item.picture[..., 0], 96)
    return Choice(item.id, source, CLASS_NAMES[label], colour=CLASS_COLOURS[label], pixels=pixels)


@st.cache_data(max_entries=8, show_spinner=False)
def _sketches(round_number: int) -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(101 + round_number)
    return [sketch_picture(label, rng) for label in range(CLASS_COUNT)]


def _drawn(round_number: int) -> list[Item]:
    pictures = _sketches(round_number)
    return [_item(one, f"drawn-{round_number}", label) for label, one in enumerate(pictures)]


def _test_images(round_number: int) -> dict[str, list[Item]]:
    names = at_hand()
    if not names:
        return {}
    test, rng = dataset(names[0]).test, np.random.default_rng(round_number)
    labels = np.asarray(test.labels)
    places = [rng.choice(np.flatnonzero(labels == label)) for label in range(CLASS_COUNT)]
    items = [_item(_grey(test.images[one]), f"test-{one}", int(labels[one])) for one in places]
    return {f"Test images of {data_title(names[0])}": items}


def _grey(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(np.asarray(image)[..., None], 3, axis=2)


def _item(picture: NDArray[np.uint8], kind: str, label: int) -> Item:
    return replace(Item(f"{kind}-{label}", CLASS_NAMES[label], picture), truth=label)

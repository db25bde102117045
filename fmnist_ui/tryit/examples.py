"""Something to click for who has nothing at hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_COUNT, CLASS_NAMES
from fmnist_core.data.garments.wardrobe import draw_garments
from fmnist_core.figures.thumbnail import thumbnail_url
from fmnist_ui.datasets import at_hand, dataset
from fmnist_ui.tryit.item import Item
from fmnist_ui.tryit.picture_choice import Choice, show_choices
from fmnist_ui.words import data_title

_CHOSEN, _ROUND = "try/example", "try/example_round"


def show_examples() -> Item | None:
    """Ten test images and ten drawn garments; returns the one that was clicked."""
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
    source = thumbnail_url(item.picture[..., 0], 96)
    return Choice(item.id, source, CLASS_NAMES[label], colour=CLASS_COLOURS[label], pixels=True)


@st.cache_data(max_entries=8, show_spinner=False)
def _garments(round_number: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(100 + round_number)
    drawn = [draw_garments(label, 1, rng)[0] for label in range(CLASS_COUNT)]
    return np.stack(drawn)


def _drawn(round_number: int) -> list[Item]:
    images = _garments(round_number)
    return [_item(image, f"drawn-{round_number}", label) for label, image in enumerate(images)]


def _test_images(round_number: int) -> dict[str, list[Item]]:
    names = at_hand()
    if not names:
        return {}
    test, rng = dataset(names[0]).test, np.random.default_rng(round_number)
    labels = np.asarray(test.labels)
    places = [rng.choice(np.flatnonzero(labels == label)) for label in range(CLASS_COUNT)]
    items = [_item(test.images[place], f"test-{place}", int(labels[place])) for place in places]
    return {f"Test images of {data_title(names[0])}": items}


def _item(image: NDArray[np.uint8], kind: str, label: int) -> Item:
    picture = np.repeat(np.asarray(image)[..., None], 3, axis=2)
    item = Item(f"{kind}-{label}", CLASS_NAMES[label], picture)
    return replace(item, truth=label)

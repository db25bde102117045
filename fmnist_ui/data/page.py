"""The Data page."""

from __future__ import annotations

import streamlit as st

from fmnist_core.data import Dataset, available
from fmnist_core.errors import LinkError
from fmnist_core.settings import load_settings
from fmnist_ui.data.gallery import show_gallery
from fmnist_ui.data.sources import show_sources
from fmnist_ui.data.statistics import show_class_images, show_counts, show_pixel_values
from fmnist_ui.datasets import at_hand, dataset
from fmnist_ui.linked import explain_faults, take_choices, tell_choices
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.share import show_share
from fmnist_ui.words import data_title

# The session state's keys of what is in the address.
_CHOICES = {
    "data": "data_name",
    "part": "gallery_part",
    "class": "gallery_class",
    "seed": "gallery_seed",
    "share": "counts_share",
    "normalisation": "normalisation",
}


def show_data() -> None:
    """Where images are missing, how to get them; then those that are there."""
    take_choices("data", _CHOICES)
    status = available(load_settings())
    with page_errors():
        show_sources(status)
    names = at_hand(status)
    if names:
        _show(dataset(_choice(names)))
        tell_choices("data", _CHOICES)
        show_share(key="share_data")


def _choice(names: tuple[str, ...]) -> str:
    asked = st.session_state.get(_CHOICES["data"])
    if asked is not None and asked not in names:
        del st.session_state[_CHOICES["data"]]
        explain_faults([LinkError("The images that the link shows are not here.", received=asked)])
    if len(names) == 1:
        return names[0]
    chosen = st.segmented_control(
        "Images",
        names,
        default=names[0],
        required=True,
        format_func=data_title,
        key="data_name",
        persist_state="session",
    )
    return chosen if chosen in names else names[0]


def _show(data: Dataset) -> None:
    st.caption(_origin(data))
    pictures, counts = st.columns([3, 2], gap="large")
    with pictures, page_errors():
        st.subheader("Pictures", anchor=False)
        show_gallery(data)
    with counts, page_errors():
        st.subheader("How many", anchor=False)
        show_counts(data)
    st.subheader("Pixel values", anchor=False)
    with page_errors():
        show_pixel_values(data)
    st.subheader("What a class has in common", anchor=False)
    with page_errors():
        show_class_images(data)


def _origin(data: Dataset) -> str:
    identity = data.identity
    what = "The official images" if identity.official else "Drawn by the lab"
    mark = identity.fingerprint[:12]
    return f"{what} · {plain(identity.source)} · fingerprint `{mark}`"

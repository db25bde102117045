"""A grid of pictures with their names."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.data import Dataset, ImageSet
from fmnist_ui.pixels import show_pictures

_ALL = "All classes"
_SEED = "gallery_seed"
_PICTURES = 25


def show_gallery(data: Dataset) -> None:
    """25 images of the chosen part and class, drawn with the chosen seed."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        part = st.segmented_control(
            "From",
            ("Training", "Test"),
            default="Training",
            required=True,
            key="gallery_part",
            persist_state="session",
        )
        name = st.selectbox(
            "Class",
            (_ALL, *CLASS_NAMES),
            key="gallery_class",
            width=132,
            persist_state="session",
        )
        st.session_state.setdefault(_SEED, 0)
        seed = st.number_input(
            "Seed", 0, 2**31, step=1, key=_SEED, width=92, persist_state="session"
        )
        st.button("Shuffle", icon=":material/shuffle:", on_click=_shuffle, key="gallery_shuffle")
    images = data.test if part == "Test" else data.train
    label = None if name == _ALL else CLASS_NAMES.index(name)
    _show(images, _drawn(images, label, seed or 0))


def _drawn(images: ImageSet, label: int | None, seed: int) -> NDArray[np.intp]:
    fitting = np.arange(len(images)) if label is None else np.flatnonzero(images.labels == label)
    count = min(_PICTURES, len(fitting))
    return np.random.default_rng(seed).choice(fitting, count, replace=False)


def _show(images: ImageSet, indices: NDArray[np.intp]) -> None:
    labels = images.labels[indices]
    show_pictures(
        images.images[indices],
        [CLASS_NAMES[label] for label in labels],
        columns=5,
        colours=[CLASS_COLOURS[label] for label in labels],
    )


def _shuffle() -> None:
    st.session_state[_SEED] = (st.session_state[_SEED] or 0) + 1

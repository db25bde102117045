"""A grid of pictures with their names."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.data import Dataset, ImageSet
from fmnist_core.links import MOST_SEED
from fmnist_core.shipped import SHIPPED_CATALOGUE
from fmnist_ui.inside.choice import look_inside
from fmnist_ui.overtime.pins import pin_button
from fmnist_ui.pickable import show_pickable
from fmnist_ui.pixels import pictures_html

_ALL = "All classes"
_SEED, _OPENED, _ABOVE = "gallery_seed", "gallery/opened", "gallery_opened"
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
            "Seed", 0, MOST_SEED, step=1, key=_SEED, width=92, persist_state="session"
        )
        st.button("Shuffle", icon=":material/shuffle:", on_click=_shuffle, key="gallery_shuffle")
    images = data.test if part == "Test" else data.train
    label = None if name == _ALL else CLASS_NAMES.index(name)
    shown = _drawn(images, label, seed or 0)
    opened = st.session_state.get(_OPENED)
    # Above the pictures, where it is seen.
    with st.container(horizontal=True, vertical_alignment="center", key=_ABOVE):
        if opened in {(part, index) for index in shown.tolist()}:
            _show_opened(images, *opened)
        else:
            st.caption("Click a picture to look inside a network with it, or to pin it as a probe.")
    _show(images, shown, part)


def _drawn(images: ImageSet, label: int | None, seed: int) -> NDArray[np.intp]:
    fitting = np.arange(len(images)) if label is None else np.flatnonzero(images.labels == label)
    count = min(_PICTURES, len(fitting))
    return np.random.default_rng(seed).choice(fitting, count, replace=False)


def _show(images: ImageSet, indices: NDArray[np.intp], part: str) -> None:
    labels = images.labels[indices]
    of_part, index = st.session_state.get(_OPENED, ("", -1))
    show_pickable(
        pictures_html(
            images.images[indices],
            [CLASS_NAMES[label] for label in labels],
            columns=5,
            colours=[CLASS_COLOURS[label] for label in labels],
            picks=indices.tolist(),
        ),
        key="gallery_pictures",
        chosen=str(index) if of_part == part else "",
        on_pick=lambda picked: st.session_state.update({_OPENED: (part, int(picked))}),
        opens=_ABOVE,
    )


def _show_opened(images: ImageSet, part: str, index: int) -> None:
    image, label = images.images[index], int(images.labels[index])
    kind = f"{part.lower()} image"
    name = f"{part} image {index}"
    st.markdown(f"**{name}** · {CLASS_NAMES[label]}", width="content")
    if st.button("Look inside", icon=":material/layers:", key="gallery_inside"):
        look_inside(SHIPPED_CATALOGUE, image, name, label)
    pin_button(image, name, label, kind, "gallery_pin")


def _shuffle() -> None:
    st.session_state[_SEED] = ((st.session_state[_SEED] or 0) + 1) % (MOST_SEED + 1)

"""The few real images that the form tries its choices out on; a button takes others."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_ui.datasets import at_hand, dataset


def preview_images(
    name: str, count: int, key: str
) -> tuple[NDArray[np.uint8], np.random.Generator] | None:
    """Images uint8 (count, 28, 28) of the data set, and the randomness to change them with.

    Where the images are not on this machine it says so and returns None.
    """
    if name not in at_hand():
        st.caption("A preview appears here once these images are on this machine.")
        return None
    train = dataset(name).train
    rng = np.random.default_rng(st.session_state.setdefault(_place(key), 0))
    return train.images[np.sort(rng.choice(len(train), count, replace=False))], rng


def other_images_button(key: str) -> None:
    """A button that lets the next `preview_images` of this key return others."""
    st.button(
        "Other images",
        icon=":material/shuffle:",
        on_click=_reshuffle,
        args=(key,),
        key=f"reshuffle_{key}",
    )


def _reshuffle(key: str) -> None:
    st.session_state[_place(key)] += 1


def _place(key: str) -> str:
    return f"shuffle_{key}"

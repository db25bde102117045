"""The test image that a person opened: its probabilities, why, and where to go on with it."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.figures.opened import opened_html
from fmnist_ui.charts import palette
from fmnist_ui.closer_look import show_closer_look
from fmnist_ui.inside.choice import look_inside
from fmnist_ui.overtime.pins import pin_button
from fmnist_ui.results.stored import Gallery


def show(gallery: Gallery, index: int, key: str, model: str) -> None:
    """Draws test image `index`, then asks the engine why the network took it for what it did.

    Args:
        key: One per gallery of images.
        model: The run's identifier.
    """
    true, predicted = int(gallery.said.labels[index]), int(gallery.said.predicted[index])
    image, name = gallery.images[index], f"Test image {index}"
    st.markdown(f"**{name}** · {_verdict(true, predicted)}")
    alt = f"{name}: {CLASS_NAMES[true]}"
    st.html(opened_html(image, gallery.said.probabilities[index], alt, palette()))
    _show_ways_on(model, image, name, true, key)
    label = _choose_class(predicted, true, key)
    with st.spinner("Asking the network…", show_time=False):
        show_closer_look(model, image, label)


def _verdict(true: int, predicted: int) -> str:
    if true == predicted:
        return f"{CLASS_NAMES[true]}, recognised"
    return f"really {CLASS_NAMES[true]}, taken for {CLASS_NAMES[predicted]}"


def _show_ways_on(model: str, image: NDArray[np.uint8], name: str, true: int, key: str) -> None:
    with st.container(horizontal=True):
        if st.button("Look inside", icon=":material/layers:", key=f"{key}/inside"):
            look_inside(model, image, name, true)
        pin_button(image, name, true, "test image", f"{key}/pin")


def _choose_class(predicted: int, true: int, key: str) -> int:
    """The class whose heat is wanted: what it was taken for, or what it is."""
    if predicted == true:
        return true
    chosen = st.segmented_control(
        "What speaks for",
        (predicted, true),
        default=predicted,
        required=True,
        format_func=CLASS_NAMES.__getitem__,
        key=f"{key}/heat-{predicted}-{true}",
    )
    return true if chosen == true else predicted

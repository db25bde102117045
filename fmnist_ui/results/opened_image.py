"""The test image that a person opened: its probabilities, why, and where to go on with it."""

from __future__ import annotations

import streamlit as st

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.figures.opened import opened_html
from fmnist_ui.charts import palette
from fmnist_ui.inside.choice import look_inside
from fmnist_ui.results import closer_look
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
    if st.button("Look inside", icon=":material/layers:", key=f"{key}/inside"):
        look_inside(model, image, name, true)
    closer_look.show(model, image, (predicted, true), f"{key}/look")


def _verdict(true: int, predicted: int) -> str:
    if true == predicted:
        return f"{CLASS_NAMES[true]}, recognised"
    return f"really {CLASS_NAMES[true]}, taken for {CLASS_NAMES[predicted]}"

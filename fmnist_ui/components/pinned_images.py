"""Pinned probes: the button that pins an image on other pages, and what is pinned."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import LabError
from fmnist_core.runs.pinned_images import MOST_PINNED, PinnedImage, PinnedImageStore
from fmnist_core.runs.trace import Trace
from fmnist_core.settings import load_settings
from fmnist_ui.components.pixels import show_pictures
from fmnist_ui.figures.layer_curves import pinned_image_cards
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.theme import palette

_FAILED = "overtime/pin_failed"


def pin_button(
    image: NDArray[np.uint8],
    name: str,
    label: int | None,
    source: str,
    key: str,
    sheet: NDArray[np.uint8] | None = None,
) -> None:
    """Pins an image as a probe, or takes it away again.

    Args:
        image: uint8 (28, 28).
        source: Where it comes from, such as "drawn", "uploaded" or "test image".
        key: One per place on a page.
        sheet: See `PinnedImage`.
    """
    pinned_image = PinnedImage(image, name, label, source, sheet)
    pinned = _is_pinned(pinned_image)
    st.button(
        "Unpin" if pinned else "Pin image",
        icon=":material/keep_off:" if pinned else ":material/push_pin:",
        key=key,
        type="tertiary",
        on_click=_change,
        args=(pinned_image, pinned),
        help="The next trainings record the predictions for pinned images in every snapshot.",
    )
    error = st.session_state.pop(_FAILED, None)
    if error is not None:
        show_error(error)


def _is_pinned(pinned_image: PinnedImage) -> bool:
    """Also tells the pinned one what was said of the image since."""
    store = PinnedImageStore(load_settings())
    kept = next((one for one in store.list() if one.id == pinned_image.id), None)
    if kept is not None and pinned_image.label not in (None, kept.label):
        with page_errors():
            store.pin(pinned_image)
    return kept is not None


def show_pins() -> None:
    """What the next training will watch, and a way to take it away."""
    pinned_images = PinnedImageStore(load_settings()).list()
    with st.expander(
        f"Pinned images for the next training: {len(pinned_images) or 'none'}",
        icon=":material/push_pin:",
        key="overtime_pins",
    ):
        if not pinned_images:
            st.markdown(
                "Pin a drawing or a picture on Try it, or one of the data set's images on Data, "
                "Predictions or Evaluate. Without pinned images, a training records one validation "
                "image of each class."
            )
            return
        titles = [pinned_image.title for pinned_image in pinned_images]
        images = np.stack([pinned_image.image for pinned_image in pinned_images])
        show_pictures(images, titles, columns=7, least_width=130)
        st.caption(f"{len(pinned_images)} of at most {MOST_PINNED}.")
        chosen = st.selectbox(
            "Remove",
            pinned_images,
            index=None,
            format_func=_caption,
            placeholder="Choose an image",
            key="overtime_unpin",
            width=320,
        )
        if chosen is not None:
            st.button("Unpin", key="overtime_unpin_now", on_click=_change, args=(chosen, True))


def _caption(pinned_image: PinnedImage) -> str:
    label = "" if pinned_image.label is None else f", {CLASS_NAMES[pinned_image.label]}"
    same = pinned_image.label is not None and pinned_image.title == CLASS_NAMES[pinned_image.label]
    return f"{pinned_image.title}{'' if same else label} ({pinned_image.source})"


def _change(pinned_image: PinnedImage, pinned: bool) -> None:
    store = PinnedImageStore(load_settings())
    try:
        if pinned:
            store.unpin(pinned_image.id)
        else:
            store.pin(pinned_image)
            st.toast(f"Pinned: {plain(pinned_image.title)}.", icon=":material/push_pin:")
    except LabError as error:
        st.session_state[_FAILED] = error.to_keep()


def show_pinned_strip(trace: Trace) -> None:
    """The last answers; nothing before the first."""
    if not trace.predictions:
        return
    with st.container(key="probe_strip"):
        st.markdown("**Pinned images** · current predictions")
        st.html(
            pinned_image_cards(trace.pinned_images, trace.predictions[-1].probabilities, palette())
        )

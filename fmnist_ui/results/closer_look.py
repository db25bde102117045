"""One image that was opened: where the network looked, and what it finds most alike."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.engine.client import look
from fmnist_core.errors import LabError
from fmnist_core.figures.heat import heat_picture
from fmnist_core.figures.why import Neighbour, why_html
from fmnist_core.recognition.look import Look
from fmnist_core.settings import load_settings
from fmnist_ui.charts import palette
from fmnist_ui.page_errors import plain
from fmnist_ui.tryit.patience import answered

# Until the network has gone through the training images, once for all.
_PACE = 3.0
_KNOWN, _MOST_KNOWN = "results/looks", 64


def show(model: str, image: NDArray[np.uint8], labels: Sequence[int], key: str) -> None:
    """Heat for one of `labels` and the five nearest training images; waits for the engine.

    Args:
        model: A run's identifier, or a shipped network's name.
        image: uint8 (28, 28).
        labels: Classes whose heat may be asked for, at least one, the first one at first.
    """
    label = _chosen(labels, key)
    try:
        with st.spinner("Asking the network…", show_time=False):
            found = _looked(model, image, label)
    except LabError as error:
        st.caption(f"Why is not known: {plain(str(error))}")
        return
    heat = None if found.heat is None else heat_picture(image, found.heat)
    if heat is None:
        st.caption("This network has no convolution, so there is no map of where it looked.")
    st.html(why_html(heat, CLASS_NAMES[found.label], _neighbours(found), palette()))
    if found.gathering:
        st.fragment(_look_again, run_every=_PACE)(model, image, label)
    elif found.near is None:
        st.caption("The images it learned from are not at hand, so none can be named alike.")


def _chosen(labels: Sequence[int], key: str) -> int:
    choices = list(dict.fromkeys(labels))
    if len(choices) == 1:
        return choices[0]
    chosen = st.segmented_control(
        "What speaks for",
        choices,
        default=choices[0],
        required=True,
        format_func=CLASS_NAMES.__getitem__,
        key=f"{key}/heat-{'-'.join(map(str, choices))}",
    )
    return chosen if chosen in choices else choices[0]


def _look_again(model: str, image: NDArray[np.uint8], label: int) -> None:
    st.caption(
        ":material/hourglass_empty: The nearest training images come as soon as the network "
        "has gone through what it learned from: up to a minute, once for all."
    )
    try:
        found = _looked(model, image, label)
    except LabError:
        return
    if not found.gathering:
        st.rerun()


def _looked(model: str, image: NDArray[np.uint8], label: int) -> Look:
    known = st.session_state.setdefault(_KNOWN, {})
    key = (model, hashlib.sha256(image.tobytes()).digest(), label)
    if key not in known:
        settings = load_settings()
        found: Look = answered(lambda: look(model, image, settings, label=label))
        if found.gathering:
            return found
        while len(known) >= _MOST_KNOWN:
            known.pop(next(iter(known)))
        known[key] = found
    return known[key]


def _neighbours(found: Look) -> list[Neighbour]:
    if found.near is None:
        return []
    pairs = zip(found.near.images, found.near.labels, strict=True)
    return [(image, CLASS_NAMES[label], CLASS_COLOURS[label]) for image, label in pairs]

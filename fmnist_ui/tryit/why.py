"""Why this answer: where the network looked, and what it finds most alike among what it learned."""

from __future__ import annotations

import hashlib

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
from fmnist_core.shipped import SHIPPED
from fmnist_ui.charts import palette
from fmnist_ui.page_errors import plain
from fmnist_ui.tryit.patience import answered, pause

# Who draws on is not explained a sheet that is half done.
_CALM_SECONDS = 0.35
# Until the network has gone through the training images, once for all.
_PACE = 3.0
_KNOWN, _MOST_KNOWN = "try/looks", 64


def show_why(image: NDArray[np.uint8]) -> None:
    """Heat over the input and the five nearest training images; comes after the answer."""
    pause(0.0 if _known(image) else _CALM_SECONDS)
    found = _show(image)
    if found is not None and found.gathering:
        st.fragment(_look_again, run_every=_PACE)(image)


def _show(image: NDArray[np.uint8]) -> Look | None:
    try:
        found = _looked(image)
    except LabError as error:
        st.caption(f"Why is not known: {plain(str(error))}")
        return None
    heat = None if found.heat is None else heat_picture(image, found.heat)
    st.html(why_html(heat, CLASS_NAMES[found.label], _neighbours(found), palette()))
    return found


def _look_again(image: NDArray[np.uint8]) -> None:
    st.caption(
        ":material/hourglass_empty: The five nearest training images come as soon as the network "
        "has gone through what it learned from: up to a minute, once for all."
    )
    try:
        found = _looked(image)
    except LabError:
        return
    if not found.gathering:
        st.rerun()


def _looked(image: NDArray[np.uint8]) -> Look:
    found = _known(image)
    if found is None:
        settings = load_settings()
        found = answered(lambda: look(SHIPPED, image, settings))
        if not found.gathering:
            _remember(image, found)
    return found


def _known(image: NDArray[np.uint8]) -> Look | None:
    found: Look | None = st.session_state.get(_KNOWN, {}).get(_key(image))
    return found


def _remember(image: NDArray[np.uint8], found: Look) -> None:
    known = st.session_state.setdefault(_KNOWN, {})
    while len(known) >= _MOST_KNOWN:
        known.pop(next(iter(known)))
    known[_key(image)] = found


def _key(image: NDArray[np.uint8]) -> bytes:
    return hashlib.sha256(image.tobytes()).digest()


def _neighbours(found: Look) -> list[Neighbour]:
    if found.near is None:
        return []
    pairs = zip(found.near.images, found.near.labels, strict=True)
    return [(image, CLASS_NAMES[label], CLASS_COLOURS[label]) for image, label in pairs]

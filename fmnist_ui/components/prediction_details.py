"""Why a network says what it says of an image: where it looked, and what it finds most alike."""

from __future__ import annotations

import hashlib

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES
from fmnist_core.engine.client import explain_prediction
from fmnist_core.errors import LabError
from fmnist_core.models.prediction import PredictionExplanation
from fmnist_core.settings import load_settings
from fmnist_ui.components.predictions import answered
from fmnist_ui.figures.cards import Neighbour, why_html
from fmnist_ui.figures.heat_map import heat_picture
from fmnist_ui.page_errors import plain
from fmnist_ui.theme import palette

# Until the network has gone through the training images, once for all.
_PACE = 3.0
_KNOWN, _MOST_KNOWN = "closer_looks", 64

Image = NDArray[np.uint8]


def show_closer_look(model: str, image: Image, label: int | None = None) -> None:
    """Heat over the input and the five nearest training images; waits for the engine.

    Args:
        model: `"shipped"`, one network of it, or a run's identifier.
        image: uint8 (28, 28), or a sheet (112, 112).
        label: The class whose heat is wanted; by default the most probable one.
    """
    found = _show(model, image, label)
    if found is not None and found.gathering:
        st.fragment(_look_again, run_every=_PACE)(model, image, label)


def is_known(model: str, image: Image, label: int | None = None) -> bool:
    """Whether the answer is there without asking the engine."""
    return _key(model, image, label) in st.session_state.get(_KNOWN, {})


def _show(model: str, image: Image, label: int | None) -> PredictionExplanation | None:
    try:
        found = _explained(model, image, label)
    except LabError as error:
        st.caption(f"No explanation: {plain(str(error))}")
        # Nothing is kept of a failure, so that another run of the page asks anew.
        st.button("Retry", icon=":material/refresh:", key="closer_look_again")
        return None
    heat = None if found.heat is None else heat_picture(image, found.heat)
    if heat is None:
        st.caption("This network has no convolution, so Grad-CAM does not apply.")
    st.html(why_html(heat, CLASS_NAMES[found.label], _neighbours(found), palette()))
    if found.near is None and not found.gathering:
        st.caption(
            "The training images are not on this machine, so there are no nearest neighbors."
        )
    return found


def _look_again(model: str, image: Image, label: int | None) -> None:
    st.caption(
        ":material/hourglass_empty: The five nearest training images come as soon as the network "
        "has gone through what it learned from: up to a minute, once for all."
    )
    try:
        found = _explained(model, image, label)
    except LabError:
        return
    if not found.gathering:
        st.rerun()


def _explained(model: str, image: Image, label: int | None) -> PredictionExplanation:
    known = st.session_state.setdefault(_KNOWN, {})
    key = _key(model, image, label)
    if key in known:
        kept: PredictionExplanation = known[key]
        return kept
    settings = load_settings()
    found = answered(lambda: explain_prediction(model, image, settings, label=label))
    if not found.gathering:
        while len(known) >= _MOST_KNOWN:
            known.pop(next(iter(known)))
        known[key] = found
    return found


def _key(model: str, image: Image, label: int | None) -> tuple[str, bytes, int | None]:
    return model, hashlib.sha256(image.tobytes()).digest(), label


def _neighbours(found: PredictionExplanation) -> list[Neighbour]:
    if found.near is None:
        return []
    pairs = zip(found.near.images, found.near.labels, strict=True)
    return [(image, CLASS_NAMES[label], CLASS_COLOURS[label]) for image, label in pairs]

"""Pinned probes: the button that pins an image on other pages, and what is pinned."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import LabError
from fmnist_core.runs.pinned_images import MOST_PROBES, Probe, ProbeStore
from fmnist_core.runs.trace import Trace
from fmnist_core.settings import load_settings
from fmnist_ui.components.pixels import show_pictures
from fmnist_ui.figures.layer_curves import probe_cards
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.theme import palette

_FAILED = "overtime/pin_failed"


def pin_button(
    image: NDArray[np.uint8], name: str, label: int | None, source: str, key: str
) -> None:
    """Pins an image as a probe, or takes it away again.

    Args:
        image: uint8 (28, 28).
        source: Where it comes from, such as "drawn", "uploaded" or "test image".
        key: One per place on a page.
    """
    probe = Probe(image, name, label, source)
    pinned = _is_pinned(probe)
    st.button(
        "Unpin" if pinned else "Pin as probe",
        icon=":material/keep_off:" if pinned else ":material/push_pin:",
        key=key,
        on_click=_change,
        args=(probe, pinned),
        help="The next trainings write down what they take a probe for while they learn.",
    )
    error = st.session_state.pop(_FAILED, None)
    if error is not None:
        show_error(error)


def _is_pinned(probe: Probe) -> bool:
    """Also tells the pinned one what was said of the image since."""
    store = ProbeStore(load_settings())
    kept = next((one for one in store.list() if one.id == probe.id), None)
    if kept is not None and probe.label not in (None, kept.label):
        with page_errors():
            store.pin(probe)
    return kept is not None


def show_pins() -> None:
    """What the next training will watch, and a way to take it away."""
    probes = ProbeStore(load_settings()).list()
    with st.expander(
        f"Probes of the next training: {len(probes) or 'none pinned'}",
        icon=":material/push_pin:",
        key="overtime_pins",
    ):
        if not probes:
            st.markdown(
                "Pin a drawing or a picture on Try it, or one of the data set's images on Data, "
                "Predictions or Evaluate. With nothing pinned a training watches one image of each "
                "class that it holds back."
            )
            return
        titles = [probe.title for probe in probes]
        images = np.stack([probe.image for probe in probes])
        show_pictures(images, titles, columns=7, least_width=130)
        st.caption(f"{len(probes)} of at most {MOST_PROBES}.")
        chosen = st.selectbox(
            "Take away",
            probes,
            index=None,
            format_func=_caption,
            placeholder="Choose a probe",
            key="overtime_unpin",
            width=320,
        )
        if chosen is not None:
            st.button("Unpin", key="overtime_unpin_now", on_click=_change, args=(chosen, True))


def _caption(probe: Probe) -> str:
    label = "" if probe.label is None else f", {CLASS_NAMES[probe.label]}"
    same = probe.label is not None and probe.title == CLASS_NAMES[probe.label]
    return f"{probe.title}{'' if same else label} ({probe.source})"


def _change(probe: Probe, pinned: bool) -> None:
    store = ProbeStore(load_settings())
    try:
        if pinned:
            store.unpin(probe.id)
        else:
            store.pin(probe)
            st.toast(f"Pinned: {plain(probe.title)}.", icon=":material/push_pin:")
    except LabError as error:
        st.session_state[_FAILED] = error


def show_probe_strip(trace: Trace) -> None:
    """The last answers; nothing before the first."""
    if not trace.moments:
        return
    with st.container(key="probe_strip"):
        st.markdown("**Probes** · what the network takes them for now")
        st.html(probe_cards(trace.probes, trace.moments[-1].probabilities, palette()))

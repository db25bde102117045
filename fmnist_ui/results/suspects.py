"""The section Suspects: training images that are probably mislabelled, or copies of test images."""

from __future__ import annotations

import streamlit as st

from fmnist_core.data import FASHION_MNIST
from fmnist_core.engine.client import (
    known_suspects,
    search_suspects,
    stop_suspect_search,
    suspect_search,
)
from fmnist_core.errors import LabError
from fmnist_core.settings import load_settings
from fmnist_core.shipped import SHIPPED_TITLES
from fmnist_core.suspects import SearchState
from fmnist_ui.linked import tell_choice
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.results import in_address, suspect_gallery
from fmnist_ui.results.judged import Judged

# Seconds between two looks at a search.
_PACE = 1.0
_LOOKS = "suspecting_network"
_METHOD = """
**Mislabelled.** Confident learning (Northcutt, Jiang & Chuang 2021): a label is doubted where the
network is surer of another class than it is on the mean of images called so. That alone decides
for images which the network never learned from. The others it has learned with their labels, wrong
ones too: there, more than half of the 20 training images that are nearest, in what its last layers
make of them, must be called otherwise as well. Probably is not surely, and some garments are both.

**Copies.** The 5 training images nearest to each test image in the same sense, confirmed in the
pixels: after a shift of at most 2 pixels they correlate by 0.98, and inside the outlines by 0.93.
Outlines alone would make any two plain trousers copies.
"""


@st.fragment
@page_errors()
def show(chosen: Judged) -> None:
    """Lets a network look for suspects, and a person tick them."""
    st.subheader("Suspicious training images", anchor=False)
    st.caption(
        "Labels that are probably wrong teach a network what is wrong, and training images that "
        "are also test images flatter it. What is ticked here, a training can leave out."
    )
    model = _choose_network(chosen)
    settings = load_settings()
    with st.expander("How they are found", icon=":material/menu_book:"):
        st.markdown(_METHOD)
    found = known_suspects(model, settings)
    if found is not None:
        suspect_gallery.show(found, str(chosen.evaluation.data.get("name")), model)
        return
    state = _state(model)
    if state is not None and state.going_on:
        st.fragment(_watch, run_every=_PACE)(model)
        return
    if state is not None and state.error is not None:
        show_error(state.error)
    _offer(model)


def _choose_network(chosen: Judged) -> str:
    names = {chosen.run.id: f"This run: {chosen.run.name}"}
    if chosen.run.data == FASHION_MNIST:
        names |= SHIPPED_TITLES
    in_address.begin("looks", _LOOKS, among=names)
    model = st.selectbox(
        "Which network looks", list(names), format_func=names.__getitem__, key=_LOOKS
    )
    tell_choice("looks", model)
    return model if model in names else chosen.run.id


def _state(model: str) -> SearchState | None:
    try:
        return suspect_search(model, load_settings())
    except LabError as error:
        st.caption(f"Whether a search goes on is not known: {plain(str(error))}")
        return None


def _offer(model: str) -> None:
    st.markdown("This network has not looked yet. It takes one to five minutes, once for all.")
    if st.button("Look for suspects", type="primary", icon=":material/search:", key="suspects_go"):
        with page_errors():
            with st.spinner("Waking the engine…"):
                search_suspects(model, load_settings())
            st.rerun(scope="fragment")


@page_errors()
def _watch(model: str) -> None:
    state = _state(model)
    if state is None or not state.going_on:
        st.rerun()
    words = f"{state.what}…" if state.what else "Waiting for another search to end…"
    st.progress(state.share, text=words)
    if st.button("Stop", icon=":material/stop:", key="suspects_stop"):
        stop_suspect_search(model, load_settings())
        st.rerun()

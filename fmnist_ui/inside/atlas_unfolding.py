"""The t-SNE map: asked for, waited for with its progress, and stopped."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.engine.client import stop_unfolding, unfolding
from fmnist_core.explain.data_map import DataMap, Unfolding
from fmnist_core.settings import load_settings
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.words import duration

_PLACES, _STOPPED = "atlas/places", "atlas/stopped"
_PACE = 1.0


def unfolded_places(model: str, found: DataMap) -> NDArray[np.float32] | None:
    """float32 (m, 2); None while the map is being made, which is then shown here."""
    kept = st.session_state.get(_PLACES)
    if kept is not None and kept[0] == (model, found.fingerprint, len(found.indices)):
        places: NDArray[np.float32] = kept[1]
        return places
    wanted = st.session_state.get(_STOPPED) != model
    state = unfolding(model, load_settings(), begin=wanted)
    if state.places is not None:
        st.session_state[_PLACES] = (model, found.fingerprint, len(found.indices)), state.places
    elif state.running:
        st.fragment(_wait, run_every=_PACE)(model)
    else:
        _offer(model, state)
    return state.places


@page_errors()
def _wait(model: str) -> None:
    state = unfolding(model, load_settings())
    if not state.running:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="atlas_progress"):
        st.progress(state.share, _progress_words(state))
        if st.button("Stop", icon=":material/stop:", key="atlas_stop"):
            stop_unfolding(model, load_settings())
            st.session_state[_STOPPED] = model
            st.rerun()


def _progress_words(state: Unfolding) -> str:
    if state.seconds_left is None:
        return "Finding each image's neighbours…"
    return f"Unfolding: about {duration(state.seconds_left)} left"


def _offer(model: str, state: Unfolding) -> None:
    if state.error:
        st.warning(plain(state.error), icon=":material/error:")
    else:
        st.caption("The map is not finished. Made once, it is kept.")
    if st.button("Unfold the map", icon=":material/scatter_plot:", key="atlas_unfold"):
        stop_unfolding(model, load_settings())
        st.session_state.pop(_STOPPED, None)
        st.rerun()

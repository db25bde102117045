"""An image on its way through a run's network: which one, and what each block makes of it."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from fmnist_core.config import RunConfig
from fmnist_core.errors import LabError
from fmnist_core.runs.feature_maps import CHANNELS_KEPT, read_feature_maps
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import SHIPPED_NETWORKS
from fmnist_core.settings import load_settings
from fmnist_ui.components.current_network import current_network
from fmnist_ui.components.widget_start import start_among
from fmnist_ui.figures.network_diagram import SeenImage
from fmnist_ui.followed_runs import trace_of
from fmnist_ui.page_errors import plain

_KEY = "seen_image"
_HELP = (
    f"What each block computes for this image: its first {CHANNELS_KEPT} channels, each from its "
    "least value (black) to its largest (white)."
)


def seen_by_current_network(config: RunConfig) -> SeenImage | None:
    """The same for the current network; None where that is none of the same architecture."""
    current = current_network()
    if current is None or current.id in SHIPPED_NETWORKS:
        return None
    # A run that is gone or damaged since has nothing to show; Runs says why.
    with suppress(LabError):
        folder = RunFolder.open(load_settings().runs_dir, current.id)
        if folder.config.model == config.model:
            return choose_seen_image(folder, f" of {plain(current.name)}")
    return None


def choose_seen_image(folder: RunFolder, of: str = "") -> SeenImage | None:
    """A select box of the run's pinned images; None where it has no feature maps.

    Args:
        of: Whose feature maps they are, where that needs to be said.
    """
    pinned = trace_of(folder).pinned_images
    maps = read_feature_maps(folder)
    if maps is None or not maps.blocks or any(len(each) != len(pinned) for each in maps.blocks):
        return None
    numbers = range(len(pinned))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        number = st.selectbox(
            "Image",
            numbers,
            index=start_among(numbers, _KEY),
            key=_KEY,
            format_func=lambda number: pinned[number].title,
            label_visibility="collapsed",
            width=200,
            persist_state="session",
        )
        st.caption(f"Feature maps{of}, epoch {maps.epochs:.3g}", help=_HELP, width="content")
    image = pinned[number]
    side = folder.config.model.input_side
    return SeenImage(image.title, image.at_side(side), tuple(each[number] for each in maps.blocks))

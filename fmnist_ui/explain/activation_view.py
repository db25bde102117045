"""The section "Activation maximization": the images that one map or unit answers to most."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from fmnist_core.background_job import JobState
from fmnist_core.classes import CLASS_COLOURS, CLASS_NAMES, OUTPUT_NAMES
from fmnist_core.engine.client import activation_maximization_of, tapped_layers, top_activations
from fmnist_core.errors import LabError
from fmnist_core.explain.views import MaximizedActivation, TappedLayer, TopActivations
from fmnist_core.images import data_url
from fmnist_core.settings import load_settings
from fmnist_ui.components.job_progress import show_job_progress
from fmnist_ui.components.predictions import answered
from fmnist_ui.components.widget_start import kept_selectbox, start_among, start_of
from fmnist_ui.explain.choice import Chosen, asked_once, offer_retry
from fmnist_ui.figures.cards import Tile, TileRow, tiles_html
from fmnist_ui.figures.heat_map import heat_url
from fmnist_ui.glossary import explained
from fmnist_ui.page_errors import show_error
from fmnist_ui.theme import palette
from fmnist_ui.words import data_name, significant, whole

LAYER, CHANNEL, HEATS, SEED = "excites_layer", "excites_channel", "excites_heats", "excites/seed"
# Seconds between two looks at what the worker is still seeking.
_PACE = 1.0
_ABOUT = (
    "What one channel or unit responds to: a synthetic image that maximizes its activation, and "
    "the "
    "test images with the highest activation."
)
_IMAGINED = (
    "Gradient ascent on the pixels, starting from faint noise: it maximizes the center of the "
    "feature map (or the unit). The result need not look like a garment."
)
_FOUND = "The test images with the highest activation, with their numbers in the test set."

Both = tuple[JobState[MaximizedActivation], JobState[TopActivations]]


def show_excites(chosen: Chosen) -> None:
    """Layer and channel above, the imagined image beside the found ones."""
    st.caption(_ABOUT, help=explained("Activation maximization", "Channel"))
    layers = asked_once("excites/layers", chosen, "", partial(_layers, chosen))
    with st.container(horizontal=True, vertical_alignment="bottom", key="excites_which"):
        layer = _choose_layer(layers)
        channel = _choose_channel(layer)
        if layer.kind == "convolution":
            st.toggle(
                "Show activation map",
                key=HEATS,
                persist_state="session",
                help="Overlays the feature map on each image: warm where the activation is high.",
            )
    sought = _ask(chosen, layer, channel)
    if sought is None:
        return
    if _is_pending(sought):
        st.fragment(_wait, run_every=_PACE)(chosen, layer, channel)
    else:
        _draw(chosen, sought)


def _wait(chosen: Chosen, layer: TappedLayer, channel: int) -> None:
    """Asks again every second, until all is found."""
    sought = _ask(chosen, layer, channel)
    if sought is None:
        return
    if not _is_pending(sought):
        st.rerun()
    _draw(chosen, sought)


def _is_pending(sought: Both) -> bool:
    return any(one.running for one in sought)


def _draw(chosen: Chosen, sought: Both) -> None:
    imagined, exciting = sought
    with st.container(horizontal=True, gap="large", key="excites_pictures"):
        with st.container(width=240):
            _show_imagined(imagined)
        with st.container(width=420):
            _show_exciting(exciting, chosen.dataset)


def _choose_layer(layers: Sequence[TappedLayer]) -> TappedLayer:
    by_name = {one.name: one for one in layers}
    return by_name[kept_selectbox("Layer", by_name, LAYER, layers[-1].name, width=220)]


def _choose_channel(layer: TappedLayer) -> int:
    """A class by its name, any other map or unit by its number."""
    key = f"{CHANNEL}/{layer.name}"
    last = layer.channels - 1
    st.session_state[key] = min(last, max(0, int(st.session_state.get(key) or 0)))
    if layer.kind == "answer" and layer.channels <= len(OUTPUT_NAMES):
        st.selectbox(
            "Class",
            range(layer.channels),
            index=start_among(range(layer.channels), key),
            key=key,
            width=180,
            format_func=OUTPUT_NAMES.__getitem__,
            persist_state="session",
        )
    else:
        what = "Channel" if layer.kind == "convolution" else "Unit"
        st.number_input(
            f"{what} (0 to {last})",
            0,
            last,
            value=start_of(key),
            key=key,
            width=160,
            persist_state="session",
        )
    return min(last, max(0, int(st.session_state[key] or 0)))


def _ask(chosen: Chosen, layer: TappedLayer, channel: int) -> Both | None:
    settings, seed = load_settings(), int(st.session_state.get(SEED, 0))

    def question() -> Both:
        return (
            activation_maximization_of(chosen.model, layer.name, channel, settings, seed=seed),
            top_activations(chosen.model, layer.name, channel, settings),
        )

    try:
        return answered(question)
    except LabError as error:
        offer_retry(error, "excites")
        return None


def _show_imagined(sought: JobState[MaximizedActivation]) -> None:
    st.markdown("**Activation maximization**", help=_IMAGINED)
    if sought.result is None:
        _show_progress(sought, "Gradient ascent")
        return
    tile = Tile(data_url(sought.result.image), hint="Made by gradient ascent")
    st.html(tiles_html([TileRow("", "", [tile])], palette(), side=224))
    st.caption(f"Activation {significant(sought.result.value)}.")
    st.button("New random start", icon=":material/casino:", on_click=_other_noise)


def _show_exciting(sought: JobState[TopActivations], dataset: str) -> None:
    st.markdown("**Top activations**", help=_FOUND)
    if sought.result is None:
        _show_progress(sought, "Computing activations of all test images, once for this network")
        return
    found = sought.result
    st.html(tiles_html([TileRow("", "", _tiles(found))], palette(), side=128, most=3))
    st.caption(
        f"Top activations of {whole(found.searched)} test images of {data_name(dataset)}; highest: "
        f"{significant(float(found.values[0]))}."
    )


def _tiles(found: TopActivations) -> list[Tile]:
    heats = found.heats if st.session_state.get(HEATS) else None
    tiles = []
    for place, image in enumerate(found.images):
        label = int(found.labels[place])
        number = int(found.indices[place])
        tiles.append(
            Tile(
                data_url(image) if heats is None else heat_url(image, heats[place]),
                f"{CLASS_NAMES[label]} · {number}",
                f"Test image {number}, {CLASS_NAMES[label]}: "
                f"{significant(float(found.values[place]))}",
                CLASS_COLOURS[label],
            )
        )
    return tiles


def _show_progress(sought: JobState[Any], words: str) -> None:
    if sought.error is not None:
        show_error(sought.error)
    else:
        show_job_progress(sought, words)


def _other_noise() -> None:
    st.session_state[SEED] = int(st.session_state.get(SEED, 0)) + 1


def _layers(chosen: Chosen) -> tuple[TappedLayer, ...]:
    return tapped_layers(chosen.model, load_settings())

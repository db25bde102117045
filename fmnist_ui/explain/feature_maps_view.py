"""The section "Feature maps": what every layer makes of the image, a row a layer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st

from fmnist_core.classes import OUTPUT_NAMES
from fmnist_core.engine.client import feature_maps_of
from fmnist_core.explain.views import LayerMaps
from fmnist_core.images import data_url
from fmnist_core.settings import load_settings
from fmnist_ui.components.widget_start import kept_selectbox
from fmnist_ui.explain.choice import Chosen, asked_once
from fmnist_ui.figures.cards import Tile, TileRow, tiles_html
from fmnist_ui.theme import palette
from fmnist_ui.words import significant

_KINDS = {
    "Rescaling": "scaled pixels",
    "Conv2D": "convolution",
    "BatchNormalization": "normalized",
    "Activation": "activation",
    "Add": "shortcut added",
    "MaxPooling2D": "max pooling",
    "AveragePooling2D": "average pooling",
    "GlobalAveragePooling2D": "global average pooling",
    "GlobalMaxPooling2D": "global max pooling",
    "Dense": "dense",
}

_UNIT_SIDE = 22


_ALL = "All layers"
LAYER, EVERY_STEP, STRONGEST, SHOWN = (
    "maps_layer",
    "maps_every_step",
    "maps_strongest",
    "maps/shown",
)
_FEW, _PAGE = 8, 32
_ABOUT = (
    "A **feature map** is the output of one filter: bright where its activation is high. Early "
    "maps resemble the image; later ones are smaller and more abstract."
)
_SCALE = (
    "Each map has its own scale, from its smallest number (black) to its largest (white); the "
    "pointer shows both. Numbers below are those of the maps, counted from 0. A silent map is the "
    "same everywhere. Units of dense layers share one scale."
)


def show_maps(chosen: Chosen) -> None:
    """A row of maps for each layer, or all maps of one."""
    st.caption(_ABOUT, help=_SCALE)
    layers = asked_once("maps/all", chosen, _strongest(), partial(_few, chosen, _strongest()))
    with st.container(horizontal=True, vertical_alignment="bottom", key="maps_which"):
        layer = _choose_layer(layers)
        st.toggle("Highest activation first", True, key=STRONGEST, persist_state="session")
        if not layer:
            st.toggle(
                "All operations",
                key=EVERY_STEP,
                persist_state="session",
                help="Also shows normalization, addition and activation layers.",
            )
    if layer:
        _show_one(chosen, layer)
        return
    shown = [one for one in layers if one.ends_stage or st.session_state.get(EVERY_STEP)]
    st.html(tiles_html(_layer_rows(shown), palette(), side=64))


def _choose_layer(layers: tuple[LayerMaps, ...]) -> str:
    names = [_ALL, *(one.layer for one in layers)]
    chosen = kept_selectbox("Layer", names, LAYER, _ALL, width=260)
    return "" if chosen == _ALL else chosen


def _show_one(chosen: Chosen, layer: str) -> None:
    count = int(st.session_state.get(SHOWN, {}).get(layer, _PAGE))
    question = partial(_many, chosen, layer, count, _strongest())
    found = asked_once("maps/one", chosen, (layer, count, _strongest()), question)
    st.html(tiles_html(_layer_rows(found), palette(), side=96))
    if len(found[0].channels) < found[0].shape[-1]:
        more = {"layer": layer, "count": count + _PAGE}
        st.button("Show more", icon=":material/expand_more:", on_click=_show_more, kwargs=more)


def _show_more(layer: str, count: int) -> None:
    st.session_state[SHOWN] = {layer: count}


def _strongest() -> bool:
    return bool(st.session_state.get(STRONGEST, True))


def _few(chosen: Chosen, strongest: bool) -> tuple[LayerMaps, ...]:
    return feature_maps_of(
        chosen.model, chosen.image, load_settings(), count=_FEW, strongest=strongest
    )


def _many(chosen: Chosen, layer: str, count: int, strongest: bool) -> tuple[LayerMaps, ...]:
    return feature_maps_of(
        chosen.model,
        chosen.image,
        load_settings(),
        layer=layer,
        count=count,
        strongest=strongest,
    )


def _layer_rows(layers: Sequence[LayerMaps]) -> list[TileRow]:
    """A row a layer. Dark is a map's least number, light its largest; units share one scale."""
    return [_row(one) for one in layers]


def _row(one: LayerMaps) -> TileRow:
    tiles = [_tile(one, place) for place in range(len(one.channels))]
    # Units are plain squares: many of them need little room.
    small = len(one.shape) == 1 and not _is_answer(one)
    return TileRow(one.layer, _note(one), tiles, _UNIT_SIDE if small else 0)


def _note(one: LayerMaps) -> str:
    size = " × ".join(str(side) for side in one.shape)
    shown, there = len(one.channels), one.shape[-1]
    part = f" · {shown} of {there}" if shown < there else ""
    return f"{_KINDS.get(one.kind, one.kind)} · {size}{part}"


def _tile(one: LayerMaps, place: int) -> Tile:
    channel, image = int(one.channels[place]), one.maps[place]
    least, most = float(one.least[place]), float(one.most[place])
    if image.shape == (1, 1):
        # One pixel is drawn as a plain square.
        name = OUTPUT_NAMES[channel] if _is_answer(one) else ""
        return Tile(data_url(image), name, f"{name or channel}: {significant(most)}")
    silent = " · silent" if most == least else ""
    said = f"{channel}: from {significant(least)} to {significant(most)}"
    return Tile(data_url(np.ascontiguousarray(image)), f"{channel}{silent}", said)


def _is_answer(one: LayerMaps) -> bool:
    return one.layer == "answer" and one.shape[-1] <= len(OUTPUT_NAMES)

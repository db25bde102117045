"""Which number of a convolution is stepped through, kept for each layer on its own."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.explain.step import ConvolutionLayer, Place

LAYER = "step_layer"


def choose_layer(layers: Sequence[ConvolutionLayer]) -> ConvolutionLayer:
    """A select box of the network's convolutions."""
    by_name = {layer.name: layer for layer in layers}
    if st.session_state.get(LAYER) not in by_name:
        st.session_state[LAYER] = layers[0].name
    chosen = st.selectbox("Layer", list(by_name), key=LAYER, persist_state="session", width=260)
    return by_name.get(str(chosen), layers[0])


def choose_filter(layer: ConvolutionLayer) -> int:
    """A slider over the layer's filters."""
    return _slide(layer, "filter", "Filter", layer.gives[2] - 1, start=0)


def choose_pixel(layer: ConvolutionLayer) -> tuple[int, int]:
    """Two sliders: row and column of the layer's map."""
    height, width, _ = layer.gives
    row = _slide(layer, "row", "Row", height - 1, start=height // 2)
    column = _slide(layer, "column", "Column", width - 1, start=width // 2)
    return row, column


def chosen_place(layer: ConvolutionLayer) -> Place:
    """What filter and pixel are chosen now, before the sliders are drawn."""
    height, width, filters = layer.gives
    return Place(
        layer.name,
        _kept(layer, "filter", filters - 1, 0),
        _kept(layer, "row", height - 1, height // 2),
        _kept(layer, "column", width - 1, width // 2),
    )


def is_placed(layer: ConvolutionLayer) -> bool:
    """Whether a pixel of this layer was ever chosen in the session."""
    return _key(layer, "row") in st.session_state


def go_to(layer: ConvolutionLayer, row: int, column: int) -> None:
    """Chooses another pixel; for callbacks."""
    st.session_state[_key(layer, "row")] = row
    st.session_state[_key(layer, "column")] = column


def chosen_channel(layer: ConvolutionLayer, strongest: int) -> int:
    """The input channel that is looked at: the one that was chosen, at first the strongest."""
    return _kept(layer, "channel", layer.reads[2] - 1, strongest)


def choose_channel(layer: ConvolutionLayer) -> None:
    """A slider over the input's channels, where there are several."""
    if layer.reads[2] > 1:
        _slide(layer, "channel", "Input channel", layer.reads[2] - 1, start=0)


def look_at_channel(layer: ConvolutionLayer, channel: int) -> None:
    """Chooses another input channel; for callbacks."""
    st.session_state[_key(layer, "channel")] = channel


def _slide(layer: ConvolutionLayer, what: str, label: str, last: int, *, start: int) -> int:
    """The chosen number; without a slider where there is only one."""
    value = _kept(layer, what, last, start)
    if last < 1:
        return value
    st.slider(label, 0, last, key=_key(layer, what), persist_state="session")
    return _kept(layer, what, last, start)


def _kept(layer: ConvolutionLayer, what: str, last: int, start: int) -> int:
    """Put right where it belongs to a larger layer of the same name, or came from a browser."""
    key = _key(layer, what)
    kept = st.session_state.get(key, start)
    value = min(last, max(0, kept)) if isinstance(kept, int) else start
    if st.session_state.get(key) != value:
        st.session_state[key] = value
    return value


def _key(layer: ConvolutionLayer, what: str) -> str:
    return f"step/{layer.name}/{what}"

"""The section "Step through": one output of a convolution, from its products to the next layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.engine.client import convolutions, step_through
from fmnist_core.explain.convolution_step import Change, ConvolutionLayer, ConvolutionStep, Place
from fmnist_core.settings import load_settings
from fmnist_ui.components.pickable import show_pickable
from fmnist_ui.components.pixels import Frame, show_pad
from fmnist_ui.components.widget_start import kept_selectbox, start_of
from fmnist_ui.explain.choice import Chosen, asked_once
from fmnist_ui.figures.convolution_step import (
    Operands,
    Stage,
    channel_bars_html,
    operands_html,
    stages_html,
)
from fmnist_ui.figures.heat_map import largest, signed_url
from fmnist_ui.glossary import explained
from fmnist_ui.theme import palette
from fmnist_ui.words import significant

_LAYER = "step_layer"


_ACTIVATIONS = {
    "linear": "identity",
    "relu": "below 0 becomes 0",
    "relu6": "below 0 becomes 0, above 6 stays 6",
    "leaky_relu": "below 0 becomes a fifth",
    "elu": "below 0 saturates at \N{MINUS SIGN}1",
    "gelu": "below 0 fades to 0",
    "silu": "below 0 fades to 0",
    "tanh": "saturates at \N{MINUS SIGN}1 and 1",
    "sigmoid": "saturates at 0 and 1",
}

_POOLED = {"max": "maximum", "average": "mean"}


def show_step(chosen: Chosen) -> None:
    """Controls and maps above, then the multiplication, then what becomes of its sum."""
    layers = asked_once("step/layers", chosen, "", partial(_layers, chosen.model))
    if not layers:
        st.info(
            "This network has no convolution that can be stepped through.",
            icon=":material/grid_off:",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="step_which"):
        layer = _choose_layer(layers)
        with st.container(width=320):
            _choose_filter(layer)
    st.caption(_about(layer), help=explained("Convolution", "Filter (kernel)", "Padding", "Stride"))
    step = _asked(chosen, layer)
    _show_maps(step)
    _show_products(step)
    _show_stages(step)


def _asked(chosen: Chosen, layer: ConvolutionLayer) -> ConvolutionStep:
    """The chosen number; at first the largest that the filter gives."""
    is_new = not _is_placed(layer)
    place = _chosen_place(layer)
    step = asked_once("step/step", chosen, place, partial(_step, chosen, place))
    if is_new:
        _go_to(layer, *_peak(step))
        return _asked(chosen, layer)
    return step


def _layers(model: str) -> tuple[ConvolutionLayer, ...]:
    return convolutions(model, load_settings())


def _step(chosen: Chosen, place: Place) -> ConvolutionStep:
    return step_through(chosen.model, chosen.image, place, load_settings())


def _about(layer: ConvolutionLayer) -> str:
    height, width, channels = layer.reads
    down, across, filters = layer.gives
    stride = "" if layer.strides == (1, 1) else f", every {_nth(layer.strides[0])} pixel"
    return (
        f"{filters} filters of {layer.kernel[0]}×{layer.kernel[1]}{stride}. Each reads "
        f"{height}×{width} pixels in {channels} channel{'s' if channels > 1 else ''} and gives a "
        f"map of {down}×{across}. Blue is above 0, orange below."
    )


def _nth(stride: int) -> str:
    return {2: "second", 3: "third"}.get(stride, f"{stride}th")


def _show_maps(step: ConvolutionStep) -> None:
    layer, place = step.layer, step.place
    channel = _chosen_channel(layer, _strongest(step))
    maps, controls = st.columns([10, 4], gap="medium")
    with maps:
        left, right = st.container(key="step_maps").columns(2, gap="small")
    with left:
        several = f", channel {channel}" if layer.reads[2] > 1 else ""
        st.markdown(f"**Input**{several}")
        inputs = step.inputs[..., channel]
        frame = Frame(*step.corner, *layer.kernel)
        _map(step, inputs, frame, "input", lambda row, column: step.place_over(row, column))
    with right:
        st.markdown(f"**Output of filter {place.channel}**")
        frame = Frame(place.row, place.column)
        _map(step, step.results, frame, "output", lambda row, column: (row, column))
    with controls:
        _choose_pixel(layer)
        st.button(
            "Highest activation",
            icon=":material/my_location:",
            key="step_strongest",
            help="Position with the highest output of this filter.",
            on_click=_go_to,
            args=(layer, *_peak(step)),
        )
        st.caption("Or click a map; the arrow keys move the position in the right one.")


def _map(
    step: ConvolutionStep,
    values: Any,
    frame: Frame,
    name: str,
    place: Callable[[int, int], tuple[int, int]],
) -> None:
    rows, columns = values.shape
    show_pad(
        signed_url(values, largest(values), palette()),
        rows,
        columns,
        frame,
        key=f"step_{name}",
        label=f"{name} map of {step.layer.name}, {rows} by {columns}, "
        f"row {step.place.row}, column {step.place.column}",
        on_pick=lambda row, column: _go_to(step.layer, *place(row, column)),
        keys=name == "output",
    )


def _show_products(step: ConvolutionStep) -> None:
    layer = step.layer
    channel = _chosen_channel(layer, _strongest(step))
    st.markdown("**Patch × filter**")
    most = largest(step.inputs[..., channel]), largest(step.kernel), largest(step.products)
    patch, kernel = step.patch[..., channel], step.kernel[..., channel]
    st.html(operands_html(Operands(patch, kernel, step.inside, most), palette()))
    if layer.reads[2] == 1:
        return
    with st.container(key="step_channels"):
        st.markdown("**Contribution of each channel**")
        left, right = st.columns([3, 2], gap="large")
        with left:
            show_pickable(
                channel_bars_html(step.channel_sums, palette()),
                key="step_adds",
                chosen=str(channel),
                on_pick=lambda picked: _look_at_channel(layer, int(picked)),
            )
        with right:
            _choose_channel(layer)
            if layer.reads[2] > 10:
                st.caption("The ten largest contributions; the slider selects any channel.")


def _show_stages(step: ConvolutionStep) -> None:
    st.markdown("**From the sum to the output**")
    st.html(stages_html(_stages_of(step), palette()))
    if step.left_out:
        st.caption("Pooling drops this position: the map has an odd number of rows or columns.")
    st.caption(_agreement(step) + _onwards(step))


def _agreement(step: ConvolutionStep) -> str:
    pairs = _network_says(step)
    said = pairs[-1][1]
    scale = max(largest(step.sums), largest(step.results), 1e-12)
    off = max(abs(one - other) for one, other in pairs) / scale
    if np.isnan(off):
        return "Some weights of this network are NaN: its training diverged. "
    if off > 1e-5:
        return (
            f"Computed here step by step; the network gives {significant(said)}, "
            f"{significant(off)} of the map's largest number away. "
        )
    return f"Computed here step by step; the network gives {significant(said)}: the same. "


def _onwards(step: ConvolutionStep) -> str:
    return f"Next layer: {' and '.join(step.goes_to)}." if step.goes_to else ""


def _strongest(step: ConvolutionStep) -> int:
    return int(np.nan_to_num(np.abs(step.channel_sums)).argmax())


def _peak(step: ConvolutionStep) -> tuple[int, int]:
    row, column = np.unravel_index(int(np.nan_to_num(step.results).argmax()), step.results.shape)
    return int(row), int(column)


def _stages_of(step: ConvolutionStep) -> list[Stage]:
    """The sum of the products and all that follows."""
    count = step.patch.size
    words = f"of {count} products" if count > 1 else "one product"
    stages = [Stage("Sum", words, step.total)]
    stages += [_changed(change) for change in step.changes]
    if (pooling := step.pooling) is not None:
        height, width = pooling.window.shape
        where = "whole map" if pooling.whole else f"{height}×{width}"
        stages.append(
            Stage(
                f"Pooling, {where}",
                _POOLED[pooling.kind] + _won(step),
                pooling.value,
                pooling.window,
                pooling.own,
            )
        )
    return stages


def _network_says(step: ConvolutionStep) -> list[tuple[float, float]]:
    """Each number that the network tells too, computed here and by the network."""
    found = [
        (change.value, change.network_says)
        for change in step.changes
        if change.network_says is not None
    ]
    if not step.changes:
        found.append((step.total, float(step.sums[step.place.row, step.place.column])))
    if step.pooling is not None:
        found.append((step.pooling.value, step.pooling.network_says))
    return found


def _changed(change: Change) -> Stage:
    numbers = dict(change.numbers)
    if change.kind == "bias":
        return Stage("Bias", f"plus {significant(numbers['bias'])}", change.value)
    if change.kind == "shortcut":
        return Stage("Shortcut", f"plus {significant(numbers['shortcut'])} from it", change.value)
    if change.kind == "batch_norm":
        mean, deviation, scale, offset = (significant(number) for number in numbers.values())
        words = f"less {mean}, ÷ {deviation}, × {scale}, plus {offset}"
        return Stage("Batch norm", words, change.value)
    return Stage(change.name, _ACTIVATIONS[change.name], change.value)


def _won(step: ConvolutionStep) -> str:
    pooling = step.pooling
    if pooling is None or pooling.winner is None:
        return ""
    # Equal numbers, such as two zeros, win together.
    won = pooling.window[pooling.own] == pooling.window[pooling.winner]
    return ": this one" if won else ": another"


def _choose_layer(layers: Sequence[ConvolutionLayer]) -> ConvolutionLayer:
    """A select box of the network's convolutions."""
    by_name = {layer.name: layer for layer in layers}
    return by_name[kept_selectbox("Layer", by_name, _LAYER, layers[0].name, width=260)]


def _choose_filter(layer: ConvolutionLayer) -> int:
    """A slider over the layer's filters."""
    return _slide(layer, "filter", "Filter", layer.gives[2] - 1, start=0)


def _choose_pixel(layer: ConvolutionLayer) -> tuple[int, int]:
    """Two sliders: row and column of the layer's map."""
    height, width, _ = layer.gives
    row = _slide(layer, "row", "Row", height - 1, start=height // 2)
    column = _slide(layer, "column", "Column", width - 1, start=width // 2)
    return row, column


def _chosen_place(layer: ConvolutionLayer) -> Place:
    """What filter and pixel are chosen now, before the sliders are drawn."""
    height, width, filters = layer.gives
    return Place(
        layer.name,
        _kept(layer, "filter", filters - 1, 0),
        _kept(layer, "row", height - 1, height // 2),
        _kept(layer, "column", width - 1, width // 2),
    )


def _is_placed(layer: ConvolutionLayer) -> bool:
    """Whether a pixel of this layer was ever chosen in the session."""
    return _key(layer, "row") in st.session_state


def _go_to(layer: ConvolutionLayer, row: int, column: int) -> None:
    """Chooses another pixel; for callbacks."""
    st.session_state[_key(layer, "row")] = row
    st.session_state[_key(layer, "column")] = column


def _chosen_channel(layer: ConvolutionLayer, strongest: int) -> int:
    """The input channel that is looked at: the one that was chosen, at first the strongest."""
    return _kept(layer, "channel", layer.reads[2] - 1, strongest)


def _choose_channel(layer: ConvolutionLayer) -> None:
    """A slider over the input's channels, where there are several."""
    if layer.reads[2] > 1:
        _slide(layer, "channel", "Input channel", layer.reads[2] - 1, start=0)


def _look_at_channel(layer: ConvolutionLayer, channel: int) -> None:
    """Chooses another input channel; for callbacks."""
    st.session_state[_key(layer, "channel")] = channel


def _slide(layer: ConvolutionLayer, what: str, label: str, last: int, *, start: int) -> int:
    """The chosen number; without a slider where there is only one."""
    value = _kept(layer, what, last, start)
    if last < 1:
        return value
    st.slider(
        label,
        0,
        last,
        value=start_of(_key(layer, what)),
        key=_key(layer, what),
        persist_state="session",
    )
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

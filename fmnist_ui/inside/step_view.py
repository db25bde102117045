"""The section "Step through": one number of a convolution, taken apart."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.engine.client import convolutions, step_through
from fmnist_core.explain.step import ConvolutionLayer, ConvolutionStep, Place
from fmnist_core.figures.number_grid import written
from fmnist_core.figures.signed import largest, signed_url
from fmnist_core.figures.step import Operands, channel_bars_html, operands_html, stages_html
from fmnist_core.settings import load_settings
from fmnist_ui.charts import palette
from fmnist_ui.inside.asked_once import asked_once
from fmnist_ui.inside.choice import Chosen
from fmnist_ui.inside.step_place import (
    choose_channel,
    choose_filter,
    choose_layer,
    choose_pixel,
    chosen_channel,
    chosen_place,
    go_to,
    is_placed,
    look_at_channel,
)
from fmnist_ui.inside.step_stages import network_says, stages_of
from fmnist_ui.pickable import show_pickable
from fmnist_ui.pixel_pad import Frame, show_pad


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
        layer = choose_layer(layers)
        with st.container(width=320):
            choose_filter(layer)
    st.caption(_about(layer))
    step = _asked(chosen, layer)
    _show_maps(step)
    _show_products(step)
    _show_stages(step)


def _asked(chosen: Chosen, layer: ConvolutionLayer) -> ConvolutionStep:
    """The chosen number; at first the largest that the filter gives."""
    is_new = not is_placed(layer)
    place = chosen_place(layer)
    step = asked_once("step/step", chosen, place, partial(_step, chosen, place))
    if is_new:
        go_to(layer, *_peak(step))
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
    channel = chosen_channel(layer, _strongest(step))
    maps, controls = st.columns([10, 4], gap="medium")
    with maps:
        left, right = st.container(key="step_maps").columns(2, gap="small")
    with left:
        several = f", channel {channel}" if layer.reads[2] > 1 else ""
        st.markdown(f"**It reads**{several}")
        inputs = step.inputs[..., channel]
        frame = Frame(*step.corner, *layer.kernel)
        _map(step, inputs, frame, "input", lambda row, column: step.place_over(row, column))
    with right:
        st.markdown(f"**Filter {place.channel} gives**")
        frame = Frame(place.row, place.column)
        _map(step, step.results, frame, "output", lambda row, column: (row, column))
    with controls:
        choose_pixel(layer)
        st.button(
            "Strongest place",
            icon=":material/my_location:",
            key="step_strongest",
            help="Where the filter answers most.",
            on_click=go_to,
            args=(layer, *_peak(step)),
        )
        st.caption("Or click a map; on the right one the arrow keys move too.")


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
        on_pick=lambda row, column: go_to(step.layer, *place(row, column)),
        keys=name == "output",
    )


def _show_products(step: ConvolutionStep) -> None:
    layer = step.layer
    channel = chosen_channel(layer, _strongest(step))
    st.markdown("**Patch times filter**")
    most = largest(step.inputs[..., channel]), largest(step.kernel), largest(step.products)
    patch, kernel = step.patch[..., channel], step.kernel[..., channel]
    st.html(operands_html(Operands(patch, kernel, step.inside, most), palette()))
    if layer.reads[2] == 1:
        return
    with st.container(key="step_channels"):
        st.markdown("**What each channel adds to the sum**")
        left, right = st.columns([3, 2], gap="large")
        with left:
            show_pickable(
                channel_bars_html(step.channel_sums, palette()),
                key="step_adds",
                chosen=str(channel),
                on_pick=lambda picked: look_at_channel(layer, int(picked)),
            )
        with right:
            choose_channel(layer)
            if layer.reads[2] > 10:
                st.caption("The ten that add most are shown; the slider reaches all.")


def _show_stages(step: ConvolutionStep) -> None:
    st.markdown("**What becomes of the sum**")
    st.html(stages_html(stages_of(step), palette()))
    if step.left_out:
        st.caption("Pooling leaves this place out: the map has an odd row or column too many.")
    st.caption(_agreement(step) + _onwards(step))


def _agreement(step: ConvolutionStep) -> str:
    pairs = network_says(step)
    said = pairs[-1][1]
    scale = max(largest(step.sums), largest(step.results), 1e-12)
    off = max(abs(one - other) for one, other in pairs) / scale
    if np.isnan(off):
        return "Some weights of this network are no numbers: its training broke. "
    if off > 1e-5:
        return (
            f"Computed here step by step; the network itself says {written(said)}, "
            f"{written(off)} of the map's largest number away. "
        )
    return f"Computed here step by step; the network itself says {written(said)}: the same. "


def _onwards(step: ConvolutionStep) -> str:
    return f"It goes on to {' and '.join(step.goes_to)}." if step.goes_to else ""


def _strongest(step: ConvolutionStep) -> int:
    return int(np.nan_to_num(np.abs(step.channel_sums)).argmax())


def _peak(step: ConvolutionStep) -> tuple[int, int]:
    row, column = np.unravel_index(int(np.nan_to_num(step.results).argmax()), step.results.shape)
    return int(row), int(column)

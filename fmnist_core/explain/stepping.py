"""Steps through a convolution with plain arithmetic. Only worker processes import this.

The weights and the layer's input are the network's own; all that follows is NumPy, and the
network's own numbers stand beside it to compare with.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import ConfigError
from fmnist_core.explain.activations import ACTIVATION_OF
from fmnist_core.explain.followers import followers, is_pooling, readers_of
from fmnist_core.explain.layer_outputs import layer_outputs
from fmnist_core.explain.stages import Stages
from fmnist_core.explain.step import Array, ConvolutionLayer, ConvolutionStep, Place
from fmnist_core.lab_keras import keras


def convolutions(model: keras.Model) -> tuple[ConvolutionLayer, ...]:
    """The convolutions of a network that can be stepped through, in their order; perhaps none.

    Left out are those whose windows have gaps, whose channels are in groups, or whose activation
    this lab does not know.
    """
    return tuple(_facts(model, layer) for layer in model.layers if _can_be_stepped(layer))


def take_step(model: keras.Model, image: NDArray[np.uint8], place: Place) -> ConvolutionStep:
    """One number of a convolution, taken apart.

    Args:
        model: The network.
        image: uint8 (28, 28).
        place: Which number.

    Raises:
        ConfigError: The network has no such convolution, or the convolution no such number.
    """
    layer = _layer(model, place.layer)
    facts = _facts(model, layer)
    _check(place, facts)
    outputs = layer_outputs(model, image)
    inputs, sums = outputs.of(layer.input), outputs.of(layer.output)[..., place.channel]
    kernel = np.asarray(layer.kernel.value, np.float32)[..., place.channel]
    corner, inside, patch = _patch(inputs, facts, place)
    stages = Stages(layer, place, float((patch.astype(np.float64) * kernel).sum()), outputs)
    chain = followers(model, layer)
    pools = [each for each in chain if is_pooling(each)]
    for each in chain[: len(chain) - len(pools)]:
        stages.follow(each)
    pooling = stages.pool(pools[0]) if pools else None
    readers = readers_of(model, (chain or [layer])[-1].output)
    return ConvolutionStep(
        place=place,
        layer=facts,
        corner=corner,
        inside=inside,
        patch=patch,
        kernel=kernel,
        changes=tuple(stages.changes),
        pooling=pooling,
        left_out=bool(pools) and pooling is None,
        goes_to=tuple(each.name for each in readers),
        inputs=inputs,
        sums=sums,
        results=stages.map,
    )


def _can_be_stepped(layer: keras.Layer) -> bool:
    return (
        isinstance(layer, keras.layers.Conv2D)
        and layer.groups == 1
        and tuple(layer.dilation_rate) == (1, 1)
        and layer.activation.__name__ in ACTIVATION_OF
    )


def _layer(model: keras.Model, name: str) -> keras.Layer:
    for layer in model.layers:
        if layer.name == name and _can_be_stepped(layer):
            return layer
    raise ConfigError("The network has no convolution of this name.", received=repr(name)[:80])


def _facts(model: keras.Model, layer: keras.Layer) -> ConvolutionLayer:
    return ConvolutionLayer(
        name=layer.name,
        kernel=tuple(layer.kernel_size),
        strides=tuple(layer.strides),
        padding=layer.padding,
        reads=tuple(layer.input.shape[1:]),
        gives=tuple(layer.output.shape[1:]),
        followed_by=tuple(each.name for each in followers(model, layer)),
    )


def _check(place: Place, facts: ConvolutionLayer) -> None:
    asked = (place.row, place.column, place.channel)
    if not all(0 <= number < most for number, most in zip(asked, facts.gives, strict=True)):
        height, width, filters = facts.gives
        raise ConfigError(
            f"{facts.name} gives {height} rows, {width} columns and {filters} filters, counted "
            "from 0.",
            received=f"row {place.row}, column {place.column}, filter {place.channel}",
        )


def _patch(
    inputs: Array, facts: ConvolutionLayer, place: Place
) -> tuple[tuple[int, int], NDArray[np.bool_], Array]:
    """The corner of the patch, where it lies inside the input, and its values with zeros beyond."""
    height, width = facts.reads[:2]
    top = place.row * facts.strides[0] - _padding(facts, 0)
    left = place.column * facts.strides[1] - _padding(facts, 1)
    rows, columns = top + np.arange(facts.kernel[0]), left + np.arange(facts.kernel[1])
    inside = ((rows >= 0) & (rows < height))[:, None] & ((columns >= 0) & (columns < width))
    values = inputs[np.clip(rows, 0, height - 1)][:, np.clip(columns, 0, width - 1)]
    return (top, left), inside, np.where(inside[..., None], values, np.float32(0))


def _padding(facts: ConvolutionLayer, axis: int) -> int:
    """Zeros before the first row or column; an odd one goes behind the last, as in TensorFlow."""
    if facts.padding != "same":
        return 0
    covered = (facts.gives[axis] - 1) * facts.strides[axis] + facts.kernel[axis]
    return max(covered - facts.reads[axis], 0) // 2

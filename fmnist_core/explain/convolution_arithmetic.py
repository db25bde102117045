"""Steps through a convolution with plain arithmetic. Only worker processes import this.

The weights and the layer's input are the network's own; all that follows (products, bias,
activation, pooling) is NumPy, and the network's own numbers stand beside it to compare with.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import ConfigError
from fmnist_core.explain.convolution_step import (
    Array,
    Change,
    ConvolutionLayer,
    ConvolutionStep,
    Place,
    Pooling,
)
from fmnist_core.explain.elementwise_layers import (
    ACTIVATION_OF,
    activation_name,
    followers,
    inputs_of,
    is_pooling,
    readers_of,
)
from fmnist_core.explain.feature_maps import LayerOutputs, layer_outputs
from fmnist_core.lab_keras import keras


def convolutions(model: keras.Model) -> tuple[ConvolutionLayer, ...]:
    """The convolutions of a network that can be stepped through, in their order; perhaps none.

    Left out are those whose windows have gaps, whose channels are in groups, or whose activation
    this lab does not know.
    """
    return tuple(_facts(model, layer) for layer in model.layers if _can_be_stepped(layer))


def step_arithmetic(model: keras.Model, image: NDArray[np.uint8], place: Place) -> ConvolutionStep:
    """One number of a convolution, taken apart.

    Args:
        model: The network.
        image: uint8 (s, s).
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
    stages = _Stages(layer, place, float((patch.astype(np.float64) * kernel).sum()), outputs)
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


class _Stages:
    """One number on its way through the layers that follow its convolution.

    Attributes:
        value: The number now.
        last: The layer it came out of.
        changes: What happened to it so far.
    """

    def __init__(
        self, layer: keras.Layer, place: Place, total: float, outputs: LayerOutputs
    ) -> None:
        self.value, self.last = total, layer
        self.changes: list[Change] = []
        self._place, self._outputs = place, outputs
        self._leave_convolution(layer)

    @property
    def map(self) -> Array:
        """The map of this filter after the last layer, float32 (h, w)."""
        return self._outputs.of(self.last.output)[..., self._place.channel]

    def follow(self, layer: keras.Layer) -> None:
        """Applies batch normalization, a shortcut or an activation to the value."""
        if isinstance(layer, keras.layers.BatchNormalization):
            numbers, value = self._normalised(layer)
            self._note("batch_norm", layer.name, numbers, value, layer)
        elif isinstance(layer, keras.layers.Add):
            added = self._shortcut(layer)
            self._note("shortcut", layer.name, (("shortcut", added),), self.value + added, layer)
        else:
            self._bend(layer)
        self.last = layer

    def pool(self, layer: keras.Layer) -> Pooling | None:
        """Applies pooling to the value; None if pooling drops it."""
        corner, size = self._window(layer)
        top, left = corner
        window = self.map[top : top + size[0], left : left + size[1]].copy()
        if window.shape != size:
            return None
        own = self._place.row - top, self._place.column - left
        # The computed number takes the place of the network's.
        window[own] = self.value
        largest = "Max" in type(layer).__name__
        winner = np.unravel_index(int(window.argmax()), size) if largest else None
        return Pooling(
            "max" if largest else "average",
            layer.name,
            _is_whole(layer),
            window,
            own,
            None if winner is None else (int(winner[0]), int(winner[1])),
            float(window.max() if largest else window.mean(dtype=np.float64)),
            self._said(layer, corner, size),
        )

    def _leave_convolution(self, layer: keras.Layer) -> None:
        bent = layer.activation.__name__ != "linear"
        if layer.use_bias:
            bias = float(layer.bias.value[self._place.channel])
            value = self.value + bias
            self._note("bias", layer.name, (("bias", bias),), value, None if bent else layer)
        if bent:
            self._bend(layer)

    def _bend(self, layer: keras.Layer) -> None:
        name = activation_name(layer)
        self._note("activation", name, (), ACTIVATION_OF[name](self.value), layer)

    def _normalised(self, layer: keras.Layer) -> tuple[tuple[tuple[str, float], ...], float]:
        """Ioffe and Szegedy 2015, arXiv 1502.03167, algorithm 2: with the means of training."""
        channel = self._place.channel
        mean = float(layer.moving_mean.value[channel])
        variance = float(layer.moving_variance.value[channel])
        deviation = math.sqrt(variance + layer.epsilon)
        scale = float(layer.gamma.value[channel]) if layer.scale else 1.0
        offset = float(layer.beta.value[channel]) if layer.center else 0.0
        value = (self.value - mean) / deviation * scale + offset
        named = ("mean", mean), ("deviation", deviation), ("scale", scale), ("offset", offset)
        return named, value

    def _shortcut(self, layer: keras.Layer) -> float:
        others = [tensor for tensor in inputs_of(layer) if tensor is not self.last.output]
        return float(sum(self._here(tensor) for tensor in others))

    def _note(
        self,
        kind: str,
        name: str,
        numbers: tuple[tuple[str, float], ...],
        value: float,
        layer: keras.Layer | None,
    ) -> None:
        said = None if layer is None else self._here(layer.output)
        self.changes.append(Change(kind, name, numbers, value, said))
        self.value = value

    def _here(self, tensor: Any) -> float:
        place = self._place
        return float(self._outputs.of(tensor)[place.row, place.column, place.channel])

    def _window(self, layer: keras.Layer) -> tuple[tuple[int, int], tuple[int, int]]:
        """Corner and size of the square that the number is pooled in."""
        height, width = self.map.shape
        if _is_whole(layer):
            return (0, 0), (height, width)
        down, across = layer.pool_size
        place = self._place
        return (place.row // down * down, place.column // across * across), (down, across)

    def _said(self, layer: keras.Layer, corner: tuple[int, int], size: tuple[int, int]) -> float:
        said = self._outputs.of(layer.output)[..., self._place.channel].reshape(-1)
        across = 1 if _is_whole(layer) else layer.output.shape[2]
        return float(said[corner[0] // size[0] * across + corner[1] // size[1]])


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
    """The patch's corner, its mask inside the input, and its values with zero padding."""
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


def _is_whole(layer: keras.Layer) -> bool:
    return "Global" in type(layer).__name__

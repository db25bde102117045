"""Layers that change each value of a feature map alone: activation functions and their like.

Only worker processes import this.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from fmnist_core.lab_keras import keras

# Slopes and limits are Keras' own defaults, which are what a configuration of the lab means.
_LEAK = 0.2


def _sigmoid(number: float) -> float:
    # Written so that neither side overflows.
    half = math.tanh(number / 2)
    return (1 + half) / 2


def _gelu(number: float) -> float:
    return number * (1 + math.erf(number / math.sqrt(2))) / 2


ACTIVATION_OF: dict[str, Callable[[float], float]] = {
    "linear": lambda number: number,
    # Not `max`: what is no number must stay none.
    "relu": lambda number: 0.0 if number < 0 else number,
    "relu6": lambda number: 0.0 if number < 0 else 6.0 if number > 6 else number,
    "leaky_relu": lambda number: number if number >= 0 else _LEAK * number,
    "elu": lambda number: number if number >= 0 else math.expm1(number),
    "gelu": _gelu,
    "silu": lambda number: number * _sigmoid(number),
    "tanh": math.tanh,
    "sigmoid": _sigmoid,
}


_MAPS_POOLED = (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)
_WHOLE_MAPS_POOLED = (keras.layers.GlobalMaxPooling2D, keras.layers.GlobalAveragePooling2D)


def followers(model: keras.Model, layer: keras.Layer) -> list[keras.Layer]:
    """The layers that change each of `layer`'s numbers, up to the first that pools them.

    The chain ends where more than one layer reads the numbers, and before a layer that is neither
    batch normalisation, a known activation, a sum with a shortcut nor a pooling of squares side by
    side or of whole maps.
    """
    found: list[keras.Layer] = []
    while not (found and is_pooling(found[-1])):
        readers = readers_of(model, (found or [layer])[-1].output)
        if len(readers) != 1 or not (_is_pointwise(readers[0]) or is_pooling(readers[0])):
            break
        found.append(readers[0])
    return found


def is_activation(layer: keras.Layer) -> bool:
    """Whether the layer only applies an activation function."""
    return isinstance(layer, (keras.layers.Activation, keras.layers.ReLU))


def is_pooling(layer: keras.Layer) -> bool:
    """Whether the layer pools squares side by side, or whole maps."""
    if isinstance(layer, _MAPS_POOLED):
        return layer.padding == "valid" and tuple(layer.strides) == tuple(layer.pool_size)
    return isinstance(layer, _WHOLE_MAPS_POOLED)


def readers_of(model: keras.Model, tensor: Any) -> list[keras.Layer]:
    """The layers of `model` that read `tensor`."""
    return [
        layer
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
        and any(each is tensor for each in inputs_of(layer))
    ]


def inputs_of(layer: keras.Layer) -> list[Any]:
    """The tensors that a layer reads."""
    given = layer.input
    return list(given) if isinstance(given, (list, tuple)) else [given]


def _is_pointwise(layer: keras.Layer) -> bool:
    if is_activation(layer):
        return bool(activation_name(layer))
    return isinstance(layer, (keras.layers.BatchNormalization, keras.layers.Add))


def activation_name(layer: Any) -> str:
    """The name of a Keras layer's activation function; empty if it is none of these.

    Backbones have layers `ReLU` of their own where this lab has `Activation`.
    """
    if type(layer).__name__ == "ReLU":
        name = {None: "relu", 6: "relu6"}.get(layer.max_value, "")
        return "" if layer.negative_slope or layer.threshold else name
    name = getattr(getattr(layer, "activation", None), "__name__", "")
    return name if name in ACTIVATION_OF else ""

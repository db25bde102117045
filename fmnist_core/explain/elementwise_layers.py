"""What happens to each number of a layer before other layers mix it with others.

Only worker processes import this.
"""

from __future__ import annotations

from typing import Any

from fmnist_core.explain.activation_functions import bend_of
from fmnist_core.lab_keras import keras

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


def is_bend(layer: keras.Layer) -> bool:
    """Whether the layer does nothing but bend each number."""
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
    if is_bend(layer):
        return bool(bend_of(layer))
    return isinstance(layer, (keras.layers.BatchNormalization, keras.layers.Add))

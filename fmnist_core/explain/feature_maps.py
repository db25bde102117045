"""What each layer makes of an image. Only worker processes import this."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import ConfigError
from fmnist_core.explain.elementwise_layers import is_pooling
from fmnist_core.explain.layer_outputs import layer_outputs
from fmnist_core.explain.layer_taps import viewpoints
from fmnist_core.explain.views import LayerMaps
from fmnist_core.lab_keras import keras

# What is asked about an image, and what an answer weighs, has a limit.
MOST_MAPS = 1024
# A unit is one pixel and takes little room.
_UNITS_A_MAP = 8
# They pass on what they got: nothing new to see.
_SILENT = (keras.layers.InputLayer, keras.layers.Dropout, keras.layers.Flatten)


def feature_maps(
    model: keras.Model,
    image: NDArray[np.uint8],
    *,
    layer: str = "",
    count: int = 8,
    strongest: bool = True,
) -> tuple[LayerMaps, ...]:
    """What the layers make of an image uint8 (28, 28), in the order of computation.

    Args:
        layer: Only this one; by default all that make something new.
        count: At most so many maps of each, 1 to 1024; of units eight times as many.
        strongest: Those with the largest numbers, largest first; else the first ones.

    Raises:
        ConfigError: The network has no such layer, or `count` is out of its range.
    """
    if not 1 <= count <= MOST_MAPS:
        raise ConfigError(f"From 1 to {MOST_MAPS} maps can be asked for.", received=count)
    # Networks from elsewhere may hold maps without channels, which are no pictures.
    shown = [
        one
        for one in model.layers
        if not isinstance(one, _SILENT) and len(one.output.shape) in (2, 4)
    ]
    chosen = [one for one in shown if layer in ("", one.name)]
    if not chosen:
        raise ConfigError("The network has no such layer to show.", received=repr(layer)[:80])
    arrays = layer_outputs(model, image)
    ends = {id(one.output) for one in viewpoints(model)}
    return tuple(
        _maps_of(one, arrays.of(one.output), id(one.output) in ends, count, strongest)
        for one in chosen
    )


def _maps_of(
    layer: keras.Layer, array: NDArray[np.float32], ends: bool, count: int, strongest: bool
) -> LayerMaps:
    """Units are maps of one pixel."""
    maps = np.moveaxis(array.reshape((1, 1, -1) if array.ndim == 1 else array.shape), -1, 0)
    channels = np.arange(len(maps))
    if strongest:
        channels = np.argsort(-maps.max(axis=(1, 2)), kind="stable")
    channels = channels[: count * (_UNITS_A_MAP if array.ndim == 1 else 1)]
    least, most = maps.min(axis=(1, 2)), maps.max(axis=(1, 2))
    low, high = (least.min(), most.max()) if array.ndim == 1 else (least, most)
    return LayerMaps(
        layer.name,
        type(layer).__name__,
        tuple(array.shape),
        channels.astype(np.int64),
        _grey(maps, low, high)[channels],
        least[channels],
        most[channels],
        ends or is_pooling(layer),
    )


def _grey(
    maps: NDArray[np.float32], low: NDArray[np.float32], high: NDArray[np.float32]
) -> NDArray[np.uint8]:
    low, high = (np.broadcast_to(one, len(maps))[:, None, None] for one in (low, high))
    # A map of equal numbers has nothing to show and stays black.
    return np.round(255 * (maps - low) / np.maximum(high - low, 1e-12)).astype(np.uint8)

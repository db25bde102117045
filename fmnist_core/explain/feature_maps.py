"""Feature maps of each layer for an image. Only worker processes import this."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.config import RunConfig
from fmnist_core.errors import ConfigError
from fmnist_core.explain.elementwise_layers import is_pooling
from fmnist_core.explain.layer_taps import layer_taps
from fmnist_core.explain.views import FirstFilters, LayerMaps
from fmnist_core.lab_keras import keras
from fmnist_core.models.build import build_model
from fmnist_core.models.features import as_read
from fmnist_core.models.model_cache import cached_per_model
from fmnist_core.models.plan import REPEAT

_Array = NDArray[np.float32]

# A person goes back and forth between few images; the maps of one take up to some megabytes.
_KEPT_IMAGES = 3


class LayerOutputs:
    """The outputs of all layers of a network for one image, found by their tensors."""

    def __init__(self, tensors: list[Any], arrays: list[_Array]) -> None:
        self._arrays = {id(tensor): array for tensor, array in zip(tensors, arrays, strict=True)}
        # The numbers of tensors that are gone are given to others.
        self._tensors = tensors

    def of(self, tensor: Any) -> _Array:
        """The value of a tensor, float32, without the batch dimension."""
        return self._arrays[id(tensor)]


class _EveryLayer:
    """A network that answers with all its layers; it shares the weights."""

    def __init__(self, model: keras.Model) -> None:
        layers = [layer.output for layer in model.layers]
        found = {id(tensor): tensor for tensor in [model.inputs[0], *layers]}
        self._tensors = list(found.values())
        self._model = keras.Model(model.inputs, self._tensors)
        self._shape = model.inputs[0].shape[1:]
        self._known: OrderedDict[bytes, LayerOutputs] = OrderedDict()

    def outputs(self, image: NDArray[np.uint8]) -> LayerOutputs:
        key = image.tobytes()
        if key not in self._known:
            self._known[key] = LayerOutputs(self._tensors, self._computed(image))
        self._known.move_to_end(key)
        while len(self._known) > _KEPT_IMAGES:
            self._known.popitem(last=False)
        return self._known[key]

    def _computed(self, image: NDArray[np.uint8]) -> list[_Array]:
        one = image.astype(np.float32).reshape(1, *self._shape)
        return [np.asarray(array[0], np.float32) for array in self._model.predict_on_batch(one)]


_every_layer = cached_per_model(_EveryLayer)

# Keras traces a network at its first answer, which two threads must not do at once.
_lock = threading.Lock()


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
    """Feature maps of the layers for an image uint8 (s, s), in order of computation.

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
    ends = {id(one.output) for one in layer_taps(model)}
    return tuple(
        _layer_maps(one, arrays.of(one.output), id(one.output) in ends, count, strongest)
        for one in chosen
    )


def _layer_maps(
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


def layer_outputs(model: keras.Model, image: NDArray[np.uint8]) -> LayerOutputs:
    """All layers' outputs for an image uint8 (s, s); those of the last images are kept."""
    with _lock:
        return _every_layer(model).outputs(as_read(model, image))


def first_filters(model: keras.Model) -> FirstFilters | None:
    """The first layer's kernels; None where it does not read pixels, as after global pooling."""
    first = layer_taps(model)[0]
    kernel = np.asarray(first.layer.kernel.value, np.float32)
    filters = (
        _of_convolution(model, kernel) if first.kind == "convolution" else _of_dense(model, kernel)
    )
    return None if filters is None else FirstFilters(first.name, filters)


def filters_before_training(config: RunConfig) -> FirstFilters | None:
    """The same of the network that a training of `config` with random weights begins with.

    It is drawn anew from the run's seed, just as the training does: the same numbers under the
    same version of Keras and the same backend. Sets the seed of this process.
    """
    return first_filters(build_model(config.model, config.training.seed))


def _of_convolution(model: keras.Model, kernel: NDArray[np.float32]) -> NDArray[np.float32] | None:
    if any(layer.name == REPEAT for layer in model.layers):
        # All its colours are the same gray: what it looks for in that is the sum of the three.
        kernel = kernel.sum(axis=2, keepdims=True)
    return np.moveaxis(kernel[:, :, 0], -1, 0) if kernel.shape[2] == 1 else None


def _of_dense(model: keras.Model, kernel: NDArray[np.float32]) -> NDArray[np.float32] | None:
    side = model.input_shape[1]
    return kernel.T.reshape(-1, side, side) if len(kernel) == side**2 else None

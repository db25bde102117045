"""What every layer makes of an image, in one pass. Only worker processes import this."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.lab_keras import keras
from fmnist_core.models.model_cache import kept_with_network

Array = NDArray[np.float32]

# A person goes back and forth between few images; the maps of one take up to some megabytes.
_KEPT_IMAGES = 3


class LayerOutputs:
    """The outputs of all layers of a network for one image, found by their tensors."""

    def __init__(self, tensors: list[Any], arrays: list[Array]) -> None:
        self._arrays = {id(tensor): array for tensor, array in zip(tensors, arrays, strict=True)}
        # The numbers of tensors that are gone are given to others.
        self._tensors = tensors

    def of(self, tensor: Any) -> Array:
        """What the network has there, float32, without the batch."""
        return self._arrays[id(tensor)]


def layer_outputs(model: keras.Model, image: NDArray[np.uint8]) -> LayerOutputs:
    """All layers' outputs for an image uint8 (28, 28); those of the last images are kept."""
    with _lock:
        return _every_layer(model).outputs(image)


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

    def _computed(self, image: NDArray[np.uint8]) -> list[Array]:
        one = image.astype(np.float32).reshape(1, *self._shape)
        return [np.asarray(array[0], np.float32) for array in self._model.predict_on_batch(one)]


_every_layer = kept_with_network(_EveryLayer)
# Keras traces a network at its first answer, which two threads must not do at once.
_lock = threading.Lock()

"""Weights, gradients and dead units of each layer at one moment.

Computed without tracing: that would take longer than all looks of a run together.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.config import ModelConfig
from fmnist_core.data.dataset import ImageSet
from fmnist_core.model.plan import Layer, plan
from fmnist_core.traces.trace import LayerFacts, LayerState

# Units of a first dense layer that are shown: as pictures they are as large as images.
_MOST_PICTURES = 24
_ANSWER = "the answer"
_WITH_WEIGHTS = ("conv", "dense")

Array = NDArray[np.float32]


class LayersNow:
    """Looks at one model again and again."""

    def __init__(self, model: keras.Model, config: ModelConfig, batch: ImageSet) -> None:
        layers = plan(config)
        self._model = model
        self._layers = [layer for layer in layers if layer.kind in _WITH_WEIGHTS]
        bends = {layer.name: _bend(layer, layers) for layer in self._layers}
        self._bent = [name for name in bends.values() if name]
        self._bend_of = bends
        self._reads_pixels = layers[2].kind == "flatten"
        # By name: of a list with one output Keras gives the bare output.
        outputs = {name: model.get_layer(name).output for name in self._bent}
        self._looked = keras.Model(model.inputs, {**outputs, _ANSWER: model.outputs[0]})
        self._images = keras.ops.convert_to_tensor(_as_input(batch.images))
        self._labels = keras.ops.convert_to_tensor(batch.labels)

    @property
    def facts(self) -> tuple[LayerFacts, ...]:
        """The layers with weights, in the order of computation."""
        pairs = zip(self._layers, self.kernels(), strict=True)
        return tuple(LayerFacts(one.name, kernel.size, one.shape[-1]) for one, kernel in pairs)

    def kernels(self) -> list[Array]:
        """Copies of their kernels."""
        return [np.array(self._kernel(layer)) for layer in self._layers]

    def filters(self) -> Array | None:
        """What `Snapshot.filters` holds."""
        first = self._layers[0]
        kernel = np.array(self._kernel(first), np.float32)
        if first.kind == "conv":
            return kernel
        if not self._reads_pixels:
            return None
        return kernel[:, :_MOST_PICTURES].reshape(IMAGE_SIDE, IMAGE_SIDE, 1, -1)

    def states(self, before: list[Array] | None, steps: int) -> tuple[LayerState, ...]:
        """One a layer.

        Args:
            before: The kernels `steps` steps ago; None where there were none.
        """
        gradients, outputs = self._gradients()
        dead = {name: _dead_share(outputs[name]) for name in self._bent}
        found = []
        for index, layer in enumerate(self._layers):
            kernel = np.asarray(self._kernel(layer))
            length = float(np.linalg.norm(kernel))
            way = None if before is None else float(np.linalg.norm(kernel - before[index]))
            found.append(
                LayerState(
                    weight_norm=length,
                    gradient_norm=None if gradients is None else gradients[index],
                    update_ratio=None if way is None or not length else way / steps / length,
                    dead_share=dead.get(self._bend_of[layer.name] or ""),
                )
            )
        return tuple(found)

    def probabilities(self, images: NDArray[np.uint8]) -> Array:
        """float32 (n, 10) for a few images; dropout is off."""
        said = self._model(_as_input(images), training=False)
        if self._model.layers[-1].activation is not keras.activations.softmax:
            said = keras.ops.softmax(said)
        return np.asarray(keras.ops.convert_to_numpy(said), np.float32)

    def _gradients(self) -> tuple[list[float] | None, dict[str, Any]]:
        """Norms of the loss's gradients (with TensorFlow only), and what the layers gave."""
        kernels = [self._model.get_layer(layer.name).kernel for layer in self._layers]
        if keras.backend.backend() != "tensorflow":
            return None, self._looked(self._images, training=False)
        import tensorflow as tf

        with tf.GradientTape() as tape:
            outputs = self._looked(self._images, training=False)
            loss = self._model.compute_loss(y=self._labels, y_pred=outputs[_ANSWER])
        slopes = tape.gradient(loss, [kernel.value for kernel in kernels])
        return [float(tf.norm(slope)) for slope in slopes], outputs

    def _kernel(self, layer: Layer) -> Any:
        return keras.ops.convert_to_numpy(self._model.get_layer(layer.name).kernel)


def _bend(layer: Layer, layers: tuple[Layer, ...]) -> str:
    """The layer whose output is the bent one of `layer`; empty where nothing is bent."""
    if layer.kind == "dense":
        return layer.name if layer.options["activation"] not in ("linear", "softmax") else ""
    after = (one for one in layers if one.kind == "activation")
    return next((one.name for one in after if one.name.startswith(f"{layer.name}_")), "")


def _dead_share(output: Any) -> float:
    places = tuple(range(len(output.shape) - 1))
    alive = keras.ops.any(keras.ops.not_equal(output, 0), axis=places)
    return 1 - float(keras.ops.mean(keras.ops.cast(alive, "float32")))


def _as_input(images: NDArray[np.uint8]) -> Array:
    return images.astype(np.float32)[..., None]

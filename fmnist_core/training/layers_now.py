"""Weights, gradients and dead units of each layer at one moment, and what probes are taken for.

All of it in one look, traced once: a look then costs ten milliseconds, a fifth of one untraced.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.config import ModelConfig
from fmnist_core.data.dataset import ImageSet
from fmnist_core.lab_keras import keras
from fmnist_core.model.plan import Layer, plan
from fmnist_core.traces.trace import LayerFacts, LayerState

# Units of a first dense layer that are shown: as pictures they are as large as images.
_MOST_PICTURES = 24
_WITH_WEIGHTS = ("conv", "depthwise", "dense")
_ANSWER = "the answer"

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Look:
    """What one look gives: a norm a layer, a share a bent layer, a row float32 (10,) a probe."""

    gradients: list[float | None]
    dead: dict[str, float]
    probabilities: Array


class LayersNow:
    """Looks at one model again and again.

    Args:
        batch: Images for gradients and dead units.
        probes: uint8 (p, 28, 28).
    """

    def __init__(
        self,
        model: keras.Model,
        config: ModelConfig,
        batch: ImageSet,
        probes: NDArray[np.uint8],
    ) -> None:
        layers = plan(config)
        self._layers = [layer for layer in layers if layer.kind in _WITH_WEIGHTS]
        self._kernels = [model.get_layer(layer.name).kernel for layer in self._layers]
        self._bends = [_bend(layer, layers) for layer in self._layers]
        self._reads_pixels = layers[2].kind == "flatten"
        self._look = _looking(model, [name for name in self._bends if name], self._kernels)
        images = np.concatenate([batch.images, probes]).astype(np.float32)[..., None]
        self._images = keras.ops.convert_to_tensor(images)
        self._labels = keras.ops.convert_to_tensor(batch.labels)

    @property
    def facts(self) -> tuple[LayerFacts, ...]:
        """The layers with weights, in the order of computation."""
        pairs = zip(self._layers, self.kernels(), strict=True)
        return tuple(LayerFacts(one.name, kernel.size, one.shape[-1]) for one, kernel in pairs)

    def kernels(self) -> list[Array]:
        """Copies of their kernels."""
        return [np.array(keras.ops.convert_to_numpy(kernel)) for kernel in self._kernels]

    def filters(self) -> Array | None:
        """What `Snapshot.filters` holds."""
        kernel = np.array(keras.ops.convert_to_numpy(self._kernels[0]), np.float32)
        if self._layers[0].kind == "conv":
            return kernel
        if not self._reads_pixels:
            return None
        return kernel[:, :_MOST_PICTURES].reshape(IMAGE_SIDE, IMAGE_SIDE, 1, -1)

    def look(self) -> Look:
        """The model as it is now; dropout is off."""
        return self._look(self._images, self._labels)

    def states(self, look: Look, before: list[Array] | None, steps: int) -> tuple[LayerState, ...]:
        """One a layer.

        Args:
            before: The kernels `steps` steps ago; None where there were none.
        """
        found = []
        for index, kernel in enumerate(self.kernels()):
            length = float(np.linalg.norm(kernel))
            way = None if before is None else float(np.linalg.norm(kernel - before[index]))
            found.append(
                LayerState(
                    weight_norm=length,
                    gradient_norm=look.gradients[index],
                    update_ratio=None if way is None or not length else way / steps / length,
                    dead_share=look.dead.get(self._bends[index]),
                )
            )
        return tuple(found)


def _looking(model: keras.Model, bent: list[str], kernels: list[Any]) -> Callable[[Any, Any], Look]:
    # By name: of a list with one output Keras gives the bare output.
    outputs = {name: model.get_layer(name).output for name in bent}
    looked = keras.Model(model.inputs, {**outputs, _ANSWER: model.outputs[0]})
    softmax = model.layers[-1].activation is keras.activations.softmax

    def seen(outputs: dict[str, Any], count: int) -> tuple[list[Any], Any]:
        said = outputs[_ANSWER][count:]
        dead = [_dead_share(outputs[name][:count]) for name in bent]
        return dead, said if softmax else keras.ops.softmax(said)

    if keras.backend.backend() == "tensorflow":
        return _with_tensorflow(model, looked, seen, bent, kernels)

    def without_gradients(images: Any, labels: Any) -> Look:
        dead, said = seen(looked(images, training=False), len(labels))
        return _look_of([None] * len(kernels), bent, dead, said)

    return without_gradients


def _with_tensorflow(
    model: keras.Model, looked: keras.Model, seen: Any, bent: list[str], kernels: list[Any]
) -> Callable[[Any, Any], Look]:
    import tensorflow as tf

    @tf.function
    def traced(images: Any, labels: Any) -> Any:
        count = labels.shape[0]
        with tf.GradientTape() as tape:
            outputs = looked(images, training=False)
            loss = model.compute_loss(y=labels, y_pred=outputs[_ANSWER][:count])
        slopes = tape.gradient(loss, [kernel.value for kernel in kernels])
        return [tf.norm(slope) for slope in slopes], *seen(outputs, count)

    def plain(images: Any, labels: Any) -> Look:
        norms, dead, said = traced(images, labels)
        return _look_of([float(norm) for norm in norms], bent, dead, said)

    return plain


def _look_of(norms: list[Any], bent: list[str], dead: list[Any], said: Any) -> Look:
    shares = {name: float(share) for name, share in zip(bent, dead, strict=True)}
    return Look(norms, shares, np.asarray(keras.ops.convert_to_numpy(said), np.float32))


def _bend(layer: Layer, layers: tuple[Layer, ...]) -> str:
    """The layer whose output is the bent one of `layer`; empty where nothing is bent."""
    if layer.kind == "dense":
        return layer.name if layer.options["activation"] not in ("linear", "softmax") else ""
    after = (one for one in layers if one.kind == "activation")
    return next((one.name for one in after if one.name.startswith(f"{layer.name}_")), "")


def _dead_share(output: Any) -> Any:
    places = tuple(range(len(output.shape) - 1))
    alive = keras.ops.any(keras.ops.not_equal(output, 0), axis=places)
    return 1 - keras.ops.mean(keras.ops.cast(alive, "float32"))

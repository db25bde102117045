"""How values in a network rise with what it reads, with TensorFlow or JAX.

Only worker processes import this.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import TrainingError
from fmnist_core.explain.layer_taps import straight
from fmnist_core.lab_keras import keras

Array = NDArray[np.float32]
# What of a network's output counts: its batch (n, …) and a number; gives values (n,).
Value = Callable[[Any, Any], Any]
# Takes that number and the network's inputs, each (n, …); gives values (n,) and their slopes,
# shaped like the first input.
Slopes = Callable[..., tuple[Array, Array]]


def class_slopes(model: keras.Model, tensor: Any) -> Slopes:
    """How the scores of classes rise with what `tensor` holds; traced anew at each call.

    A score is what is before a softmax, which would flatten the slopes where the network is sure.

    Returns:
        `slopes(label, at_tensor, images)`, without `images` float32 (n, 28, 28, 1) where `tensor`
        is the model's input. They are asked for too, since a shortcut may lead around the tensor.
    """
    reads = [tensor] if tensor is model.input else [tensor, model.input]
    return sloped(keras.Model(reads, straight(model.layers[-1])), _of_unit)


def unit_slopes(model: keras.Model, layer: keras.layers.Dense) -> Slopes:
    """Gradients of a dense layer's pre-activations with respect to the image."""
    return sloped(keras.Model([model.input], straight(layer)), _of_unit)


def centre_slopes(model: keras.Model, maps: Any) -> Slopes:
    """How the middle of each map in `maps` (n, h, w, k) rises with the image."""
    row, column = (side // 2 for side in maps.shape[1:3])
    return sloped(
        keras.Model([model.input], maps),
        lambda out, channel: keras.ops.take(out[:, row, column], channel, axis=-1),
    )


def sloped(network: keras.Model, value: Value) -> Slopes:
    """A network's values with their slopes by its first input.

    Raises:
        TrainingError: Keras computes with neither TensorFlow nor JAX.
    """
    backend = keras.backend.backend()
    if backend not in _BACKENDS:
        raise TrainingError(
            "Where a network looked is computed with TensorFlow or JAX.",
            received=backend,
            advice="Set FMNIST_BACKEND to one of them.",
        )
    return _BACKENDS[backend](network, lambda out, index: value(_wide(out), index))


def _of_unit(units: Any, number: Any) -> Any:
    return keras.ops.take(units, number, axis=-1)


def _wide(values: Any) -> Any:
    return keras.ops.cast(values, "float32")


def _with_tensorflow(network: keras.Model, value: Value) -> Slopes:
    import tensorflow as tf

    inputs = [tf.TensorSpec((None, *one.shape[1:]), tf.float32) for one in network.inputs]

    @tf.function(input_signature=[tf.TensorSpec((), tf.int32), *inputs])
    def ask(index: Any, first: Any, *others: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(first)
            values = value(network([first, *others], training=False), index)
        return values, tape.gradient(values, first)

    def plain(index: int, *given: Array) -> tuple[Array, Array]:
        values, slopes = ask(np.int32(index), *given)
        return values.numpy(), slopes.numpy()

    return plain


def _with_jax(network: keras.Model, value: Value) -> Slopes:
    import jax

    def total(first: Any, index: Any, weights: Any, fixed: Any, *others: Any) -> Any:
        out, _ = network.stateless_call(weights, fixed, [first, *others], training=False)
        values = value(out, index)
        return values.sum(), values

    slopes_of = jax.jit(jax.grad(total, has_aux=True))

    def plain(index: int, first: Array, *others: Array) -> tuple[Array, Array]:
        # Not kept from call to call: Keras puts other arrays in their place when it predicts.
        weights = [variable.value for variable in network.trainable_variables]
        fixed = [variable.value for variable in network.non_trainable_variables]
        slopes, values = slopes_of(first, np.int32(index), weights, fixed, *others)
        return np.asarray(values, np.float32), np.asarray(slopes, np.float32)

    return plain


_BACKENDS = {"tensorflow": _with_tensorflow, "jax": _with_jax}

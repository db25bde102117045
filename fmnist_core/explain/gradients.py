"""Gradients of a network's outputs with respect to its inputs, with TensorFlow or JAX.

Only worker processes import this.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import TrainingError
from fmnist_core.explain.layer_taps import pre_activation
from fmnist_core.lab_keras import keras

Array = NDArray[np.float32]
# Selects the scalar to differentiate: from a batch of outputs (n, …) and an index to values (n,).
Value = Callable[[Any, Any], Any]
# From that index and the network's inputs, each (n, …), to values (n,) and their gradients, which
# have the shape of the first input.
GradientFunction = Callable[..., tuple[Array, Array]]


def class_gradients(model: keras.Model, tensor: Any) -> GradientFunction:
    """Gradients of the class scores with respect to `tensor`; each call traces a new function.

    The scores are logits: a softmax would saturate where the network is confident.

    Returns:
        `f(label, at_tensor, images)` with images float32 (n, side, side, 1), or `f(label, images)`
        if `tensor` is the model's input. A shortcut may bypass the tensor, hence the images.
    """
    reads = [tensor] if tensor is model.input else [tensor, model.input]
    return gradient_function(keras.Model(reads, pre_activation(model.layers[-1])), _of_unit)


def unit_gradients(model: keras.Model, layer: keras.layers.Dense) -> GradientFunction:
    """Gradients of a dense layer's pre-activations with respect to the image."""
    return gradient_function(keras.Model([model.input], pre_activation(layer)), _of_unit)


def center_gradients(model: keras.Model, maps: Any) -> GradientFunction:
    """Gradients of the center of each map in `maps` (n, h, w, k) with respect to the image."""
    row, column = (side // 2 for side in maps.shape[1:3])
    return gradient_function(
        keras.Model([model.input], maps),
        lambda out, channel: keras.ops.take(out[:, row, column], channel, axis=-1),
    )


def gradient_function(network: keras.Model, value: Value) -> GradientFunction:
    """A function of a network's values and their gradients with respect to its first input.

    Raises:
        TrainingError: Keras computes with neither TensorFlow nor JAX.
    """
    backend = keras.backend.backend()
    if backend not in _BACKENDS:
        raise TrainingError(
            "Gradients need TensorFlow or JAX.",
            received=backend,
            advice="Set FMNIST_BACKEND to one of them.",
        )
    return _BACKENDS[backend](network, lambda out, index: value(_wide(out), index))


def _of_unit(units: Any, number: Any) -> Any:
    return keras.ops.take(units, number, axis=-1)


def _wide(values: Any) -> Any:
    return keras.ops.cast(values, "float32")


def _with_tensorflow(network: keras.Model, value: Value) -> GradientFunction:
    import tensorflow as tf

    inputs = [tf.TensorSpec((None, *one.shape[1:]), tf.float32) for one in network.inputs]

    @tf.function(input_signature=[tf.TensorSpec((), tf.int32), *inputs])
    def ask(index: Any, first: Any, *others: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(first)
            values = value(network([first, *others], training=False), index)
        return values, tape.gradient(values, first)

    def plain(index: int, *given: Array) -> tuple[Array, Array]:
        values, gradients = ask(np.int32(index), *given)
        return values.numpy(), gradients.numpy()

    return plain


def _with_jax(network: keras.Model, value: Value) -> GradientFunction:
    import jax

    def total(first: Any, index: Any, weights: Any, fixed: Any, *others: Any) -> Any:
        out, _ = network.stateless_call(weights, fixed, [first, *others], training=False)
        values = value(out, index)
        return values.sum(), values

    gradients_of = jax.jit(jax.grad(total, has_aux=True))

    def plain(index: int, first: Array, *others: Array) -> tuple[Array, Array]:
        # Read at each call: Keras replaces these arrays when it predicts.
        weights = [variable.value for variable in network.trainable_variables]
        fixed = [variable.value for variable in network.non_trainable_variables]
        gradients, values = gradients_of(first, np.int32(index), weights, fixed, *others)
        return np.asarray(values, np.float32), np.asarray(gradients, np.float32)

    return plain


_BACKENDS = {"tensorflow": _with_tensorflow, "jax": _with_jax}

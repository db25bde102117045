"""Grad-CAM: where a network looked (Selvaraju et al. 2017, arXiv 1610.02391, section 3).

Only worker processes import this.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import keras
import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.errors import TrainingError

Array = NDArray[np.float32]
# Takes an image (1, 28, 28, 1) and a class; gives maps (h, w, k) and the score's slopes on them.
MapsAndSlopes = Callable[[Array, int], tuple[Array, Array]]

# What belongs to a convolution: the map is taken after it, before it is pooled.
_OF_A_CONVOLUTION = (
    keras.layers.Conv2D,
    keras.layers.BatchNormalization,
    keras.layers.Add,
    keras.layers.Activation,
)
# Tracing takes half a second and the answer some milliseconds: traced once a network.
_traced: WeakKeyDictionary[keras.Model, MapsAndSlopes | None] = WeakKeyDictionary()


def class_heat(model: keras.Model, image: NDArray[np.uint8], label: int) -> Array | None:
    """How much each part of an image speaks for a class.

    Args:
        model: A network of convolutions and a dense answer, softmax or not.
        image: uint8 (28, 28).
        label: The class asked about.

    Returns:
        float32 (28, 28), 0 to 1 with 1 at the strongest place; all 0 where nothing speaks for the
        class. None for a network without a convolution.

    Raises:
        TrainingError: Keras computes with neither TensorFlow nor JAX.
    """
    if model not in _traced:
        _traced[model] = _trace(model)
    ask = _traced[model]
    if ask is None:
        return None
    maps, slopes = ask(np.asarray(image, np.float32).reshape(1, IMAGE_SIDE, IMAGE_SIDE, 1), label)
    # Equations 1 and 2: a map weighs as much as the score rises with it, on the mean.
    heat = _enlarged(np.maximum(0, maps @ slopes.mean(axis=(0, 1))))
    # Last of all: between the centres of its cells, a map seldom keeps its peak.
    return heat / max(float(heat.max()), 1e-12)


def last_maps(model: keras.Model) -> Any | None:
    """The output of the last convolution, normalised and bent, or None where there is none."""
    layers = list(model.layers)
    if not any(isinstance(layer, keras.layers.Conv2D) for layer in layers):
        return None
    of_maps = (
        layer.output
        for layer in reversed(layers)
        if isinstance(layer, _OF_A_CONVOLUTION) and len(layer.output.shape) == 4
    )
    return next(of_maps)


def _trace(model: keras.Model) -> MapsAndSlopes | None:
    tensor = last_maps(model)
    if tensor is None:
        return None
    backend = keras.backend.backend()
    if backend not in _BACKENDS:
        raise TrainingError(
            "Where a network looked is computed with TensorFlow or JAX.",
            received=backend,
            advice="Set KERAS_BACKEND to one of them.",
        )
    answer = model.layers[-1]
    before, after = keras.Model(model.input, tensor), keras.Model(tensor, answer.input)
    # A softmax would flatten the slopes where the network is sure: the score is what is before it.
    return _BACKENDS[backend](before, after, answer.kernel)


def _with_tensorflow(before: keras.Model, after: keras.Model, kernel: Any) -> MapsAndSlopes:
    import tensorflow as tf

    @tf.function(
        input_signature=[
            tf.TensorSpec((1, IMAGE_SIDE, IMAGE_SIDE, 1), tf.float32),
            tf.TensorSpec((), tf.int32),
        ]
    )
    def ask(image: Any, label: Any) -> Any:
        maps = before(image, training=False)
        with tf.GradientTape() as tape:
            tape.watch(maps)
            features = tf.cast(after(maps, training=False), tf.float32)
            score = tf.tensordot(features[0], tf.cast(kernel.value, tf.float32)[:, label], 1)
        return tf.cast(maps, tf.float32)[0], tf.cast(tape.gradient(score, maps), tf.float32)[0]

    def plain(image: Array, label: int) -> tuple[Array, Array]:
        maps, slopes = ask(image, np.int32(label))
        return maps.numpy(), slopes.numpy()

    return plain


def _with_jax(before: keras.Model, after: keras.Model, kernel: Any) -> MapsAndSlopes:
    import jax

    weights = [variable.value for variable in after.trainable_variables]
    fixed = [variable.value for variable in after.non_trainable_variables]

    def score(maps: Any, label: Any) -> Any:
        features, _ = after.stateless_call(weights, fixed, maps, training=False)
        return features[0] @ kernel.value[:, label]

    slopes_of = jax.jit(jax.grad(score))

    def plain(image: Array, label: int) -> tuple[Array, Array]:
        maps = before(image, training=False)
        return np.asarray(maps[0], np.float32), np.asarray(slopes_of(maps, label)[0], np.float32)

    return plain


_BACKENDS = {"tensorflow": _with_tensorflow, "jax": _with_jax}


def _enlarged(heat: Array) -> Array:
    """A map (h, w) stretched over the image, bilinearly between the centres of its cells."""
    rows, columns = (_stretch(side) for side in heat.shape)
    return (rows @ heat @ columns.T).astype(np.float32)


def _stretch(side: int) -> Array:
    """(28, side): which share of each cell a pixel takes."""
    centres = (np.arange(IMAGE_SIDE) + 0.5) * side / IMAGE_SIDE - 0.5
    cells = np.arange(side)
    return np.stack([np.interp(centres, cells, row) for row in np.eye(side)], axis=1)

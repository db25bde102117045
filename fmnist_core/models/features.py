"""Features, raw scores and layer outputs of a network. Only worker processes import this.

Images may have any side that `fit_to` knows: here, and nowhere else, they get the network's own.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fmnist_core.lab_keras import keras
from fmnist_core.models.build import AT_ONCE, side_by_side
from fmnist_core.models.model_cache import cached_per_model
from fmnist_core.preprocessing.resize import fit_to

_BATCH = 500
# Smaller batches are not worth sharing between two cores.
_LEAST = 32
# Values of one layer for a batch, 128 MB: backbones process fewer images at once.
_MOST_VALUES = 32_000_000


def features(
    model: keras.Model, images: NDArray[np.uint8], *, batch: int = _BATCH
) -> NDArray[np.float32]:
    """The input of the last layer, float32 (n, d), for images uint8 (n, s, s).

    Distances of different networks are not comparable.
    """
    return outputs(before_answer(model), images, batch=batch)


def outputs(
    model: keras.Model, images: NDArray[np.uint8], *, batch: int = _BATCH
) -> NDArray[np.float32]:
    """Outputs float32 (n, …) for images uint8 (n, s, s), in batches of at most `batch`."""
    if not len(images):
        return np.zeros((0, *model.output_shape[1:]), np.float32)
    shared = max(_LEAST, -(-len(images) // AT_ONCE))
    batch = max(1, min(batch, shared, _MOST_VALUES // _largest(model)))
    parts = [images[start : start + batch] for start in range(0, len(images), batch)]

    def ask(part: NDArray[np.uint8]) -> NDArray[np.float32]:
        # Not `predict`: it sets up a data pipeline, which costs 40 ms even for one image.
        return np.asarray(model.predict_on_batch(as_read(model, part)), np.float32)

    said = side_by_side(model, ask, parts)
    return said[0] if len(said) == 1 else np.concatenate(said)


def as_read(model: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Images uint8 (n, s, s) or (s, s) at the side that the network reads: 28, 40 or 56 pixels.

    Args:
        images: Of 28 pixels as the data set has them, on a sheet of 112, or of that side already.
    """
    return fit_to(images, model.input_shape[1])


@cached_per_model
def _largest(model: keras.Model) -> int:
    """Output values of the widest layer for one image."""
    return max(math.prod(layer.output.shape[1:]) for layer in model.layers)


@cached_per_model
def before_answer(model: keras.Model) -> keras.Model:
    """The network without its last layer; it shares the weights."""
    return keras.Model(model.input, model.layers[-1].input)


def scores(model: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Logits float32 (n, outputs) for images uint8 (n, s, s).

    Also of a network that ends in a softmax: its probabilities would not separate clothing from
    negatives, since they always sum to 1.
    """
    if model.layers[-1].activation is keras.activations.softmax:
        return scores_from(model, features(model, images))
    return outputs(model, images)


def scores_from(model: keras.Model, found: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logits float32 (n, outputs) from `features` (n, d)."""
    kernel, bias = model.layers[-1].get_weights()
    scored: NDArray[np.float32] = found @ kernel + bias
    return scored

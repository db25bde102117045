"""What a network has made of an image just before its answer. Only worker processes import this."""

from __future__ import annotations

import math
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from fmnist_core.lab_keras import keras
from fmnist_core.models.build import AT_ONCE, side_by_side
from fmnist_core.models.model_cache import cached_per_model

_BATCH = 500
# Fewer are not worth being shared between two cores.
_LEAST = 32
# Numbers that one layer may give for a batch, 128 MB: of a backbone fewer images are asked at once.
_MOST_VALUES = 32_000_000
# Networks that share all layers but the last with the one they were taken from. Kept, since Keras
# traces a network anew for each object.
_before_answer: WeakKeyDictionary[keras.Model, keras.Model] = WeakKeyDictionary()


def features(
    model: keras.Model, images: NDArray[np.uint8], *, batch: int = _BATCH
) -> NDArray[np.float32]:
    """What the last layer of `model` reads, float32 (n, d), for images uint8 (n, 28, 28).

    The unit of distance differs from network to network, and so does d.
    """
    return outputs(before_answer(model), images, batch=batch)


def outputs(
    model: keras.Model, images: NDArray[np.uint8], *, batch: int = _BATCH
) -> NDArray[np.float32]:
    """What `model` gives for images uint8 (n, 28, 28), float32 (n, …), `batch` or fewer at once."""
    if not len(images):
        return np.zeros((0, *model.output_shape[1:]), np.float32)
    shared = max(_LEAST, -(-len(images) // AT_ONCE))
    batch = max(1, min(batch, shared, _MOST_VALUES // _largest(model)))
    parts = [images[start : start + batch] for start in range(0, len(images), batch)]

    def ask(part: NDArray[np.uint8]) -> NDArray[np.float32]:
        # Not `predict`: it sets up a data pipeline, which costs 40 ms even for one image.
        return np.asarray(model.predict_on_batch(part), np.float32)

    said = side_by_side(model, ask, parts)
    return said[0] if len(said) == 1 else np.concatenate(said)


@cached_per_model
def _largest(model: keras.Model) -> int:
    """Numbers that the widest layer gives for one image."""
    return max(math.prod(layer.output.shape[1:]) for layer in model.layers)


def before_answer(model: keras.Model) -> keras.Model:
    """The network without its last layer; it shares the weights."""
    found = _before_answer.get(model)
    if found is None:
        found = _before_answer[model] = keras.Model(model.input, model.layers[-1].input)
    return found

"""A trained network's scores: what its answers are before they become probabilities.

Only worker processes import this.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.lab_keras import keras
from fmnist_core.models.features import features, outputs


def scores(model: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Raw scores float32 (n, classes) for images uint8 (n, 28, 28); softmax makes them shares.

    Of a network that ends in a softmax, the scores are those before it: probabilities add up to
    1 whatever they are of, and would not tell clothing from other things.
    """
    if model.layers[-1].activation is keras.activations.softmax:
        return scores_from(model, features(model, images))
    return outputs(model, images)


def scores_from(model: keras.Model, found: NDArray[np.float32]) -> NDArray[np.float32]:
    """Raw scores float32 (n, classes) from `features` (n, d)."""
    kernel, bias = model.layers[-1].get_weights()
    scored: NDArray[np.float32] = found @ kernel + bias
    return scored

"""A trained network's scores: what its answers are before they become probabilities.

Only worker processes import this.
"""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from fmnist_core.explain.features import features, outputs


def scores(model: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Raw scores float32 (n, classes) for images uint8 (n, 28, 28); softmax makes them shares.

    Of a network that ends in a softmax, the scores are those before it: probabilities add up to
    1 whatever they are of, and would not tell clothing from other things.
    """
    answer = model.layers[-1]
    if answer.activation is keras.activations.softmax:
        kernel, bias = answer.get_weights()
        return features(model, images) @ kernel + bias
    return outputs(model, images)

"""Integrated gradients (Sundararajan et al. 2017, arXiv 1703.01365, section 3).

Only worker processes import this.
"""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from fmnist_core.explain.kept_with import kept_with_network
from fmnist_core.explain.scores import scores
from fmnist_core.explain.slopes import Slopes, class_slopes
from fmnist_core.explain.views import Attribution

# Images on the way: a sum over them stands for the integral. More, where it is not yet near.
_FIRST_STEPS, _MOST_STEPS = 64, 1024
_NEAR = 0.01
# Images at once: the slopes of more would not fit the processor's memory so well.
_BATCH = 64


def attribute(model: keras.Model, image: NDArray[np.uint8], label: int) -> Attribution:
    """How much each pixel of an image uint8 (28, 28) adds to a class's score.

    The way begins at a black image, which shows nothing. Steps are doubled until the shares add
    up to the difference of scores within 1 % (completeness, proposition 1 of the paper), or until
    there are 1024 of them.

    Raises:
        TrainingError: Keras computes with neither TensorFlow nor JAX.
    """
    slopes = _input_slopes(model)
    ends = scores(model, np.stack([image, np.zeros_like(image)]))[:, label]
    difference = float(ends[0] - ends[1])
    steps = _FIRST_STEPS
    while True:
        shares = _integral(slopes, image.astype(np.float32), label, steps)
        gap = abs(float(shares.sum(dtype=np.float64)) - difference) / max(abs(difference), 1e-6)
        if gap < _NEAR or steps >= _MOST_STEPS:
            return Attribution(shares, difference, gap, steps)
        steps *= 2


@kept_with_network
def _input_slopes(model: keras.Model) -> Slopes:
    return class_slopes(model, model.input)


def _integral(
    slopes: Slopes, image: NDArray[np.float32], label: int, steps: int
) -> NDArray[np.float32]:
    """The midpoint rule along the straight way from black: equation 3, with black as baseline."""
    places = (np.arange(steps, dtype=np.float32) + 0.5) / steps
    total = np.zeros(image.shape, np.float64)
    for start in range(0, steps, _BATCH):
        way = places[start : start + _BATCH, None, None] * image
        total += slopes(label, way[..., None])[1][..., 0].sum(axis=0, dtype=np.float64)
    return (image * total / steps).astype(np.float32)

"""How a run's network is asked: once, or both ways round when its configuration says so."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.explain.scores import scores
from fmnist_core.lab_keras import keras
from fmnist_core.recognition.mirrored import scores_both_ways


def run_scores(
    model: keras.Model, images: NDArray[np.uint8], *, mirrored: bool = False
) -> NDArray[np.float32]:
    """Raw scores float32 (n, classes) for images uint8 (n, 28, 28)."""
    if mirrored:
        return scores_both_ways(lambda some: scores(model, some), images)
    return scores(model, images)

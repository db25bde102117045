"""What the first layer looks for, now and before training. Only worker processes import this."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.config import RunConfig
from fmnist_core.explain.layer_taps import viewpoints
from fmnist_core.explain.views import FirstFilters
from fmnist_core.lab_keras import keras
from fmnist_core.models.build import build_model
from fmnist_core.models.plan import REPEAT


def first_filters(model: keras.Model) -> FirstFilters | None:
    """The first layer's kernels; None where it does not read pixels, as after global pooling."""
    first = viewpoints(model)[0]
    kernel = np.asarray(first.layer.kernel.value, np.float32)
    filters = _of_convolution(model, kernel) if first.kind == "convolution" else _of_dense(kernel)
    return None if filters is None else FirstFilters(first.name, filters)


def filters_before_training(config: RunConfig) -> FirstFilters | None:
    """The same of the network that a training of `config` with random weights begins with.

    It is drawn anew from the run's seed, just as the training does: the same numbers under the
    same version of Keras and the same backend. Sets the seed of this process.
    """
    keras.utils.set_random_seed(config.training.seed)
    return first_filters(build_model(config.model))


def _of_convolution(model: keras.Model, kernel: NDArray[np.float32]) -> NDArray[np.float32] | None:
    if any(layer.name == REPEAT for layer in model.layers):
        # All its colours are the same gray: what it looks for in that is the sum of the three.
        kernel = kernel.sum(axis=2, keepdims=True)
    return np.moveaxis(kernel[:, :, 0], -1, 0) if kernel.shape[2] == 1 else None


def _of_dense(kernel: NDArray[np.float32]) -> NDArray[np.float32] | None:
    if len(kernel) != IMAGE_SIDE**2:
        return None
    return kernel.T.reshape(-1, IMAGE_SIDE, IMAGE_SIDE)

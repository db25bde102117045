"""Grad-CAM (Selvaraju et al. 2017, arXiv 1610.02391, section 3).

Only worker processes import this.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import ConfigError
from fmnist_core.explain.gradients import GradientFunction, class_gradients
from fmnist_core.explain.layer_taps import convolutions, layer_tap
from fmnist_core.lab_keras import keras
from fmnist_core.models.features import as_read, outputs
from fmnist_core.models.model_cache import cached_per_model

Array = NDArray[np.float32]


def class_activation_map(
    model: keras.Model, image: NDArray[np.uint8], label: int, layer: str = ""
) -> Array | None:
    """How much each part of an image raises the score of a class.

    Args:
        model: A network of convolutions and a dense answer, softmax or not.
        image: uint8 (28, 28), a sheet (112, 112), or of the side that the network reads.
        label: The class asked about.
        layer: The convolution whose maps are weighed; by default the last one.

    Returns:
        float32 (side, side), of the side that the network reads, 0 to 1 with 1 at the strongest
        place; all 0 if no map has a positive weight. None for a network without a convolution.

    Raises:
        ConfigError: The network has no such convolution.
        TrainingError: Keras computes with neither TensorFlow nor JAX.
    """
    if not convolutions(model):
        return None
    before, gradients_of = _traced(model, layer)
    image = as_read(model, image)
    maps = outputs(before, image[None])
    _, gradients = gradients_of(label, maps, image.astype(np.float32).reshape(1, *image.shape, 1))
    # Equations 1 and 2: the weight of a map is its mean gradient.
    heat = enlarged(np.maximum(0, maps[0] @ gradients[0].mean(axis=(0, 1))), image.shape[0])
    # Last of all: between the centres of its cells, a map seldom keeps its peak.
    return heat / max(float(heat.max()), 1e-12)


@cached_per_model
def _traced(model: keras.Model, layer: str) -> tuple[keras.Model, GradientFunction]:
    chosen = layer_tap(model, layer) if layer else convolutions(model)[-1]
    if chosen.kind != "convolution":
        raise ConfigError("Only a convolution has maps to weigh.", received=layer)
    return keras.Model(model.input, chosen.output), class_gradients(model, chosen.output)


def enlarged(heat: Array, side: int) -> Array:
    """A map (h, w) stretched over (side, side), bilinearly between the centres of its cells."""
    rows, columns = (_stretch(cells, side) for cells in heat.shape)
    return (rows @ heat @ columns.T).astype(np.float32)


def _stretch(cells: int, side: int) -> Array:
    """(side, cells): which share of each cell a pixel takes."""
    centres = (np.arange(side) + 0.5) * cells / side - 0.5
    places = np.arange(cells)
    return np.stack([np.interp(centres, places, row) for row in np.eye(cells)], axis=1)

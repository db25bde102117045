"""How kernels begin, where they do not begin at random: whitened, or as the identity.

Both as in Jordan 2024, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU" (arXiv 2404.00498),
sections 3.2 and 3.3; the whitened layer is Page's ("How to train your ResNet 8", 2018), the
identity that of DiracNets (Zagoruyko & Komodakis, arXiv 1706.00388).
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from fmnist_core.config import RunConfig
from fmnist_core.lab_keras import keras
from fmnist_core.models.plan import FIRST_CONVOLUTION, scale_and_offset
from fmnist_core.preprocessing.resize import fit_to

# Images that stand for all: nearly three million patches of 5x5.
_IMAGES = 5000
# Added to variances, so that what hardly varies is not made of noise alone.
_LEAST_VARIANCE = 5e-4


def initialize_kernels(model: keras.Model, config: RunConfig, images: NDArray[np.uint8]) -> None:
    """Sets those kernels of a new model that do not begin at random.

    Args:
        images: The training images, uint8 (n, 28, 28).
    """
    if config.training.dirac_initialization:
        for number, block in enumerate(config.model.blocks, start=1):
            for index in range(block.convolutions if block.residual else 0):
                _begin_as_identity(model.get_layer(f"block{number}_conv{index + 1}"))
    if config.training.whitened_first_layer:
        layer = model.get_layer(FIRST_CONVOLUTION)
        scale, offset = scale_and_offset(config.model.normalization)
        some = fit_to(images[:_IMAGES], config.model.input_side).astype(np.float32) * scale + offset
        kernel = whitening_kernel(some, layer.kernel_size[0])
        begun = layer.get_weights()
        count = min(layer.filters, kernel.shape[-1])
        begun[0][..., :count] = kernel[..., :count]
        layer.set_weights(begun)


def whitening_kernel(images: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Filters whose responses to the images' patches are uncorrelated and of equal strength.

    Args:
        images: float32 (n, h, w), scaled as the network scales them.
        side: Of the patches.

    Returns:
        float32 (side, side, 1, 2 * side ** 2): each principal axis over the root of its variance,
        followed by its negative, that of the largest variance first.
    """
    patches = sliding_window_view(images, (side, side), axis=(1, 2)).reshape(-1, side * side)
    variances, axes = np.linalg.eigh(patches.T @ patches / np.float32(len(patches)))
    filters = (axes / np.sqrt(np.maximum(variances, 0) + _LEAST_VARIANCE))[:, ::-1]
    both = np.stack([filters, -filters], axis=-1)
    return both.reshape(side, side, 1, -1).astype(np.float32)


def _begin_as_identity(layer: keras.layers.Layer) -> None:
    """The first output channels repeat the input channels; further ones stay random."""
    kernel, *bias = layer.get_weights()
    rows, columns, channels, filters = kernel.shape
    for channel in range(min(channels, filters)):
        kernel[..., channel] = 0
        kernel[rows // 2, columns // 2, channel, channel] = 1
    layer.set_weights([kernel, *bias])

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

# Images that stand for all: nearly three million patches of 5x5. Of so many at once the patches are
# laid out, 50 MB of 5x5 at 56 pixels a side.
_IMAGES, _CHUNK = 5000, 200
# Added to second moments, so that what hardly varies is not made of noise alone.
_LEAST_MOMENT = 5e-4


def initialize_kernels(model: keras.Model, config: RunConfig, images: NDArray[np.uint8]) -> None:
    """Sets those kernels of a new model that do not begin at random.

    There are `2 * k ** 2` whitening filters of k x k pixels, 18 of 3x3. Where the first layer has
    more, the others stay random; it is frozen as a whole (`freezing.py`), they with it. Of a
    separable block the pointwise convolutions begin as the identity, the depthwise ones at random.

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

    By the second moment of the patches: the mean is not subtracted, as in Jordan's code, so that
    the first axis is close to the mean patch.

    Args:
        images: float32 (n, h, w), scaled as the network scales them.
        side: Of the patches.

    Returns:
        float32 (side, side, 1, 2 * side ** 2): each principal axis over the root of its second
        moment, followed by its negative, that of the largest moment first.
    """
    total, count = np.zeros((side * side, side * side)), 0
    for start in range(0, len(images), _CHUNK):
        windows = sliding_window_view(images[start : start + _CHUNK], (side, side), axis=(1, 2))
        patches = windows.reshape(-1, side * side)
        total += patches.T @ patches
        count += len(patches)
    moments, axes = np.linalg.eigh(total / count)
    filters = (axes / np.sqrt(np.maximum(moments, 0) + _LEAST_MOMENT))[:, ::-1]
    both = np.stack([filters, -filters], axis=-1)
    return both.reshape(side, side, 1, -1).astype(np.float32)


def _begin_as_identity(layer: keras.layers.Layer) -> None:
    """The first output channels repeat the input channels; further ones stay random."""
    kernel, *bias = layer.get_weights()
    rows, columns, channels, filters = kernel.shape
    # Where padding "same" lays a pixel: of an even kernel one more row is after it than before.
    row, column = (rows - 1) // 2, (columns - 1) // 2
    for channel in range(min(channels, filters)):
        kernel[..., channel] = 0
        kernel[row, column, channel, channel] = 1
    layer.set_weights([kernel, *bias])

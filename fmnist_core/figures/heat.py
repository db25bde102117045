"""Where a network looked: heat laid over its input."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fmnist_core.figures.thumbnail import thumbnail_url

# From nothing through madder to weld: lighter and redder than any grey of the input.
_STOPS = np.array([[0, 0, 0], [178, 58, 50], [222, 120, 50], [250, 220, 120]], np.float32)
_STRONGEST = 0.78


def heat_picture(
    image: NDArray[np.uint8], heat: NDArray[np.float32], scale: int = 8
) -> NDArray[np.uint8]:
    """The input with its heat, uint8 (28·scale, 28·scale, 3); pixels stay hard, heat is smooth.

    Args:
        image: uint8 (28, 28).
        heat: float32 (28, 28), 0 to 1.
    """
    size = (image.shape[1] * scale, image.shape[0] * scale)
    grey = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.NEAREST), np.float32)
    warm = np.asarray(Image.fromarray(heat).resize(size, Image.Resampling.BICUBIC), np.float32)
    warm = np.clip(warm, 0, 1)
    alpha = (_STRONGEST * warm)[..., None]
    mixed = grey[..., None] * (1 - alpha) + _colours(warm) * alpha
    return np.clip(mixed, 0, 255).astype(np.uint8)


def heat_url(image: NDArray[np.uint8], heat: NDArray[np.float32]) -> str:
    """The same as an address that holds the picture."""
    return thumbnail_url(heat_picture(image, heat), side=224)


def _colours(warm: NDArray[np.float32]) -> NDArray[np.float32]:
    place = np.linspace(0, 1, len(_STOPS))
    channels = [np.interp(warm, place, _STOPS[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)

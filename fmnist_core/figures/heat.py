"""Where a network looked: heat laid over its input."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fmnist_core.figures.thumbnail import thumbnail_url

# From nothing through madder to weld: lighter and redder than any grey of the input.
_WARM = np.array([[0, 0, 0], [178, 58, 50], [222, 120, 50], [250, 220, 120]], np.float32)
# Through indigo to bleached denim, for what speaks against it.
_COOL = np.array([[0, 0, 0], [60, 98, 168], [96, 150, 214], [190, 220, 250]], np.float32)
_STRONGEST = 0.78


def heat_picture(
    image: NDArray[np.uint8], heat: NDArray[np.float32], scale: int = 8
) -> NDArray[np.uint8]:
    """The input with its heat, uint8 (28·scale, 28·scale, 3); pixels stay hard, heat is smooth.

    Args:
        image: uint8 (28, 28).
        heat: float32 (28, 28), 0 to 1; down to -1 where something speaks against it.
    """
    size = (image.shape[1] * scale, image.shape[0] * scale)
    grey = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.NEAREST), np.float32)
    full = np.asarray(Image.fromarray(heat).resize(size, Image.Resampling.BICUBIC), np.float32)
    # Between the pixels the stretched heat goes a little too far.
    full = np.clip(full, min(0.0, max(-1.0, float(heat.min()))), 1)
    alpha = (_STRONGEST * np.abs(full))[..., None]
    mixed = grey[..., None] * (1 - alpha) + _colours(full) * alpha
    return np.clip(mixed, 0, 255).astype(np.uint8)


def heat_url(image: NDArray[np.uint8], heat: NDArray[np.float32]) -> str:
    """The same as an address that holds the picture."""
    return thumbnail_url(heat_picture(image, heat), side=224)


def _colours(heat: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(heat[..., None] < 0, _ramp(-heat, _COOL), _ramp(heat, _WARM))


def _ramp(heat: NDArray[np.float32], stops: NDArray[np.float32]) -> NDArray[np.float32]:
    place = np.linspace(0, 1, len(stops))
    channels = [np.interp(heat, place, stops[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)

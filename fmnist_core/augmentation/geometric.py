"""Random changes to whole batches of images, with NumPy alone and fast enough to feed a network."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from fmnist_core.augmentation.warp import Affine, warp
from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.config import AugmentationConfig

Images = NDArray[np.uint8]
# An erased rectangle covers this share of the image, and is at most so many times as long as wide
# (Zhong et al., arXiv 1708.04896, with the largest rectangles left out).
ERASED_AREA = (0.02, 0.2)
ERASED_ASPECT = 3.0
# So many images of an epoch are changed at a time, in the order of the epoch.
CHUNK = 4096


def augment(
    images: Images,
    config: AugmentationConfig,
    rng: np.random.Generator,
    mirrored: NDArray[np.bool_] | None = None,
) -> Images:
    """Randomly changed images, each in a way of its own.

    Order: flip, then one joint shift, turn and zoom, then erase. A shift by whole pixels alone
    copies pixels; anything else interpolates once. Beyond the edge all is black.

    Args:
        images: uint8 (n, side, side). Never changed.
        config: What may happen and how strongly; pixels are those of an image of 28x28.
        rng: Source of randomness; equal states give equal results.
        mirrored: bool (n,), which images a flip mirrors; by default every other one at random.

    Returns:
        uint8 (n, side, side); `images` itself when nothing is active.
    """
    if not config.active or not len(images):
        return images
    if config.flip:
        images = _flipped(images, rng.random(len(images)) < 0.5 if mirrored is None else mirrored)
    shift = config.shift * images.shape[1] / IMAGE_SIDE
    if config.rotate or config.zoom or shift % 1:
        images = warp(images, _random_affine(len(images), config, shift, rng))
    elif shift:
        images = _shifted(images, int(shift), rng)
    if config.erase:
        images = _erased(images, config.erase, rng)
    return images


def _flipped(images: Images, flip: NDArray[np.bool_]) -> Images:
    result = images.copy()
    result[flip] = images[flip, :, ::-1]
    return result


def _shifted(images: Images, most: int, rng: np.random.Generator) -> Images:
    count, height, width = images.shape
    padded = np.pad(images, ((0, 0), (most, most), (most, most)))
    windows = sliding_window_view(padded, (height, width), axis=(1, 2))
    down, right = rng.integers(0, 2 * most + 1, (2, count))
    return windows[np.arange(count), down, right]


def _random_affine(
    count: int, config: AugmentationConfig, shift: float, rng: np.random.Generator
) -> Affine:
    turn = np.radians(rng.uniform(-config.rotate, config.rotate, count))
    # Shrinking by 1/1.2 is as likely as growing by 1.2.
    zoom = np.exp(rng.uniform(-1, 1, count) * math.log1p(config.zoom))
    down, right = rng.uniform(-shift, shift, (2, count))
    return Affine(turn, zoom, right, down)


def _erased(images: Images, share: float, rng: np.random.Generator) -> Images:
    chosen = np.flatnonzero(rng.random(len(images)) < share)
    result = images.copy()
    inside = _rectangles(len(chosen), images.shape[1], images.shape[2], rng)
    result[chosen] *= ~inside
    return result


def _rectangles(count: int, height: int, width: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """(count, height, width) masks, true in a random rectangle."""
    area = rng.uniform(*ERASED_AREA, count) * height * width
    aspect = np.exp(rng.uniform(-1, 1, count) * math.log(ERASED_ASPECT))
    rows = _span(np.sqrt(area * aspect), height, rng)
    columns = _span(np.sqrt(area / aspect), width, rng)
    return rows[:, :, None] & columns[:, None, :]


def _span(length: NDArray[np.float64], side: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """(n, side) flags, true along a random stretch of the given length."""
    whole = np.clip(np.round(length), 1, side).astype(np.int64)[:, None]
    start = (rng.random((len(length), 1)) * (side - whole + 1)).astype(np.int64)
    position = np.arange(side)
    return (position >= start) & (position < start + whole)

"""Scaling an item into a square."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

# The square on which items are worked over: its pixels become those that a network reads, 16 one
# pixel of 28x28.
SHEET = 112


def placed(item: NDArray[np.uint8], side: int, longest: int) -> NDArray[np.uint8]:
    """An item (h, w) scaled so that its longest side is `longest`, in the middle of a square.

    The original images were made so (Xiao et al., arXiv 1708.07747, section 2): the longest edge
    fills the square, the other is centred.
    """
    height, width = item.shape[:2]
    scale = longest / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(item, size, interpolation=way)
    square = np.zeros((side, side), np.uint8)
    top, left = (side - scaled.shape[0]) // 2, (side - scaled.shape[1]) // 2
    square[top : top + scaled.shape[0], left : left + scaled.shape[1]] = scaled
    return square


def fit_to(images: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Square images at another side: the one place where a network's input gets its size.

    Larger ones come about by repeating pixels, smaller ones by the mean of the area. Where no whole
    number of pixels makes up for one, four stand for each first, as on the sheet: so an image of
    28 pixels and its sheet are the same at every side.

    Args:
        images: uint8 (n, s, s), or a single one (s, s).

    Returns:
        uint8 (n, side, side), or (side, side); `images` itself where it has that side.
    """
    own = images.shape[-1]
    if own == side:
        return images
    if images.ndim == 2:
        return fit_to(images[None], side)[0]
    if side % own == 0:
        times = side // own
        return images.repeat(times, axis=1).repeat(times, axis=2)
    times = 1 if own > side else max(4, -(-side // own))
    fitted = np.empty((len(images), side, side), np.uint8)
    for image, place in zip(images, fitted, strict=True):
        large = image.repeat(times, axis=0).repeat(times, axis=1)
        cv2.resize(large, (side, side), dst=place, interpolation=cv2.INTER_AREA)
    return fitted


def enlarged(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """An image (28, 28) on the sheet of 112 x 112, smoothly."""
    return np.asarray(cv2.resize(image, (SHEET, SHEET), interpolation=cv2.INTER_CUBIC), np.uint8)

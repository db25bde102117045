"""Scaling an item into a square."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import IMAGE_SIDE

# The square on which items are worked over: four pixels become one of the network's.
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


def shrunk_to_input(square: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A square picture averaged down to 28x28."""
    small = cv2.resize(square, (IMAGE_SIDE, IMAGE_SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def enlarged(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """An image (28, 28) on the sheet of 112 x 112, smoothly."""
    return np.asarray(cv2.resize(image, (SHEET, SHEET), interpolation=cv2.INTER_CUBIC), np.uint8)

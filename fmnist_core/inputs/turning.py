"""Turning, mirroring and cropping as the person wishes."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fmnist_core.inputs.corrections import Corrections
from fmnist_core.inputs.ground import find_ground


def turned(picture: NDArray[np.uint8], corrections: Corrections) -> NDArray[np.uint8]:
    """The picture after turn, mirror and crop; the very same array where none is wished."""
    result = picture
    if corrections.rotate:
        result = _rotated(result, corrections.rotate)
    if corrections.mirror:
        result = np.ascontiguousarray(result[:, ::-1])
    if corrections.crop != (0.0, 0.0, 1.0, 1.0):
        result = _cropped(result, corrections.crop)
    return result


def _rotated(picture: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """Quarter turns exactly; else on a sheet that holds it all, filled with the ground's colour."""
    quarters, rest = divmod(degrees, 90)
    if not rest:
        return np.ascontiguousarray(np.rot90(picture, int(quarters)))
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
    wide, high = round(height * sine + width * cosine), round(height * cosine + width * sine)
    matrix[:, 2] += (wide - width) / 2, (high - height) / 2
    colour = tuple(float(value) for value in find_ground(picture).colour)
    result = cv2.warpAffine(picture, matrix, (wide, high), borderValue=colour)
    return np.asarray(result, np.uint8)


def _cropped(
    picture: NDArray[np.uint8], crop: tuple[float, float, float, float]
) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    left, top = int(crop[0] * width), int(crop[1] * height)
    right, bottom = max(left + 1, round(crop[2] * width)), max(top + 1, round(crop[3] * height))
    return np.ascontiguousarray(picture[top:bottom, left:right])

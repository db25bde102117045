"""Arrays and pictures as PNG files and data URLs."""

from __future__ import annotations

import base64
import functools
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def png(image: NDArray[np.uint8], scale: int = 1) -> bytes:
    """A PNG file of one uint8 (h, w) image, each pixel `scale` times as large."""
    height, width = image.shape
    return _png(np.ascontiguousarray(image).tobytes(), width, height, scale)


@functools.lru_cache(maxsize=4096)
def _png(pixels: bytes, width: int, height: int, scale: int) -> bytes:
    """Kept, since a page shows the same images again at every rerun."""
    picture = Image.frombytes("L", (width, height), pixels)
    if scale > 1:
        size = (width * scale, height * scale)
        picture = picture.resize(size, Image.Resampling.NEAREST)
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


def data_url(image: NDArray[np.uint8], scale: int = 1) -> str:
    """The same as an address that holds the whole picture."""
    return "data:image/png;base64," + base64.b64encode(png(image, scale)).decode()


def thumbnail_url(picture: NDArray[np.uint8], side: int = 160) -> str:
    """An address that holds the picture, its longest side at most `side` pixels.

    Grey ones become PNG, coloured ones JPEG: a photo as PNG would be ten times as large.

    Args:
        picture: uint8 (h, w) or (h, w, 3).
    """
    shown = Image.fromarray(np.ascontiguousarray(picture))
    shown.thumbnail((side, side), Image.Resampling.BOX, reducing_gap=2.0)
    if picture.ndim == 2:
        return data_url(np.asarray(shown))
    file = io.BytesIO()
    shown.save(file, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()

"""Arrays become PNG files: gray, small, with hard pixels."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def png(image: NDArray[np.uint8], scale: int = 1) -> bytes:
    """A PNG file of one uint8 (h, w) image, each pixel `scale` times as large."""
    picture = Image.fromarray(np.ascontiguousarray(image))
    if scale > 1:
        size = (image.shape[1] * scale, image.shape[0] * scale)
        picture = picture.resize(size, Image.Resampling.NEAREST)
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


def data_url(image: NDArray[np.uint8], scale: int = 1) -> str:
    """The same as an address that holds the whole picture."""
    return "data:image/png;base64," + base64.b64encode(png(image, scale)).decode()

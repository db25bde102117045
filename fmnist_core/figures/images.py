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


def image_strip(images: NDArray[np.uint8], *, columns: int, scale: int = 2, gap: int = 2) -> bytes:
    """One PNG with all `images`, uint8 (n, h, w), in rows of `columns`; gaps are transparent."""
    count, height, width = images.shape
    rows = -(-count // columns)
    sheet = np.zeros((rows * (height + gap), columns * (width + gap), 2), dtype=np.uint8)
    for index, image in enumerate(images):
        top, left = (index // columns) * (height + gap), (index % columns) * (width + gap)
        sheet[top : top + height, left : left + width, 0] = image
        sheet[top : top + height, left : left + width, 1] = 255
    return png(sheet[: rows * (height + gap) - gap, : columns * (width + gap) - gap], scale)

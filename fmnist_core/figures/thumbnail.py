"""Pictures of any size as small addresses for a page."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fmnist_core.figures.images import data_url


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

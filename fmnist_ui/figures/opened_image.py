"""One image at its size on a page, and all that a network finds likely for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_ui.figures.cards import card_html
from fmnist_ui.figures.chart import Palette


def opened_html(
    image: NDArray[np.uint8], probabilities: NDArray[np.float32], alt: str, palette: Palette
) -> str:
    """The image on the left; a bar for each class beside it, in class order.

    Args:
        image: uint8 (28, 28).
        probabilities: float32 (10,).
        alt: What it is, in words.
    """
    return card_html("opened", palette, image, probabilities, alt)

"""Why this answer: where the shipped model looked, and what it finds most alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.shipped import SHIPPED
from fmnist_ui.closer_look import is_known, show_closer_look
from fmnist_ui.tryit.patience import pause

# Who draws on is not explained a sheet that is half done.
_CALM_SECONDS = 0.35


def show_why(image: NDArray[np.uint8]) -> None:
    """Heat over the input and the five nearest training images; comes after the answer."""
    pause(0.0 if is_known(SHIPPED, image) else _CALM_SECONDS)
    show_closer_look(SHIPPED, image)

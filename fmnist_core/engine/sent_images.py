"""Images on their way to the warm worker: of the right size and kind, or refused before they go."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COUNT, IMAGE_SIDE
from fmnist_core.errors import ConfigError, InputError

Images = NDArray[np.uint8]
_SHAPE = (IMAGE_SIDE, IMAGE_SIDE)


def one_image(image: Images) -> Images:
    """An image uint8 (28, 28), in one piece of memory.

    Raises:
        InputError: It is of another size or kind.
    """
    return _checked(image, _SHAPE)


def many_images(images: Images) -> Images:
    """Images uint8 (n, 28, 28), in one piece of memory.

    Raises:
        InputError: They are of another size or kind.
    """
    return _checked(images, (len(images) if np.ndim(images) else 0, *_SHAPE))


def class_number(label: int) -> int:
    """A class, 0 to 9.

    Raises:
        ConfigError: There is no such class.
    """
    if label not in range(CLASS_COUNT):
        raise ConfigError(f"Classes are numbers from 0 to {CLASS_COUNT - 1}.", received=label)
    return int(label)


def _checked(images: Images, shape: tuple[int, ...]) -> Images:
    found = np.asarray(images)
    if found.dtype != np.uint8 or found.shape != shape:
        raise InputError(
            "Networks of this lab read images of 28x28 grey levels from 0 to 255 (uint8).",
            received=f"{found.dtype} {found.shape}",
            advice="The page Try it fits any picture to that.",
        )
    return np.ascontiguousarray(found)

"""From a picture of any kind to the network's 28x28 input, in steps that can be shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.inputs.corrections import UNCORRECTED, Corrections


@dataclass(frozen=True, eq=False)
class Step:
    """One step of the way.

    Attributes:
        key: Name for the program, such as `"background"`.
        title: For people, such as "Background found".
        picture: uint8 (h, w) or (h, w, 3), longest side at most 512.
    """

    key: str
    title: str
    picture: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Prepared:
    """The network's input and the way to it.

    Attributes:
        image: uint8 (28, 28), white on black.
        reading: What it was taken for: `"drawing"`, `"picture"` or `"as is"`.
        steps: In their order; the last one is `image`.
        blank: Nothing was found on the background; `image` is then black.
    """

    image: NDArray[np.uint8]
    reading: str
    steps: tuple[Step, ...]
    blank: bool = False


def prepare(
    picture: NDArray[np.uint8], corrections: Corrections = UNCORRECTED, *, steps: bool = True
) -> Prepared:
    """Finds the item on its background, cuts it out and fits it into 28x28.

    Args:
        picture: uint8 (h, w, 3), upright, longest side at most 512.
        corrections: What the person sets right.
        steps: Whether to keep the pictures of the steps.
    """
    raise NotImplementedError

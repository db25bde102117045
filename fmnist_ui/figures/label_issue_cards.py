"""Suspicious training images as cards that can be ticked, as one piece of HTML."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from fmnist_core.datasets.label_issues import CopyPair, Mislabelled
from fmnist_ui.figures.cards import card_html
from fmnist_ui.figures.chart import Palette

Images = NDArray[np.uint8]


def mislabelled_cards(found: Iterable[Mislabelled], train: Images, palette: Palette) -> str:
    """A card each: the image, what it is called and what it should be, who says so.

    Args:
        train: uint8 (n, 28, 28), all training images.
    """
    return card_html("mislabelled", palette, found, train)


def copy_cards(found: Iterable[CopyPair], train: Images, test: Images, palette: Palette) -> str:
    """A card each: the training image, the test image, and how alike they are.

    Args:
        train, test: uint8 (n, 28, 28), all training and all test images.
    """
    moved = [(one, _shift(one.shift)) for one in found]
    return card_html("copies", palette, moved, train, test)


def _shift(shift: tuple[int, int]) -> str:
    down, right = shift
    parts = [f"{abs(down)} {'down' if down > 0 else 'up'}"] if down else []
    parts += [f"{abs(right)} {'right' if right > 0 else 'left'}"] if right else []
    return ", ".join(parts)

"""A collection as arrays, for a training to make variants of."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fmnist_core.collection.content import Picture, Strokes, decode_picture, decode_strokes
from fmnist_core.collection.item import Item
from fmnist_core.collection.store import CollectionStore
from fmnist_core.settings import Settings

NO_CLOTHING = -1


@dataclass(frozen=True, eq=False)
class Items:
    """All items of a collection; the same order for the same contents on every machine.

    Attributes:
        pictures: uint8 (h, w, 3) RGB each, sides of different lengths.
        strokes: Drawings: strokes of float32 (2, points), x and y from 0 to 255, y downwards.
        picture_labels, stroke_labels: int64, class numbers 0 to 9; -1 for "no clothing".
    """

    pictures: tuple[Picture, ...]
    strokes: tuple[Strokes, ...]
    picture_labels: NDArray[np.int64]
    stroke_labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.pictures) + len(self.strokes)


def load_items(settings: Settings, name: str, longest: int = 256) -> Items:
    """Reads a collection into memory: a thousand photos in about a second.

    Args:
        longest: Pictures are shrunk to this longest side, in pixels; a network sees 28.

    Raises:
        CollectionError: There is no such collection, or one of its files is damaged.
    """
    found = sorted(CollectionStore(settings).items(name), key=lambda item: item.id)
    pictures = [item for item in found if item.is_picture]
    drawings = [item for item in found if not item.is_picture]
    with ThreadPoolExecutor() as threads:
        read = partial(decode_picture, longest=longest)
        decoded = tuple(threads.map(read, _paths(pictures)))
    strokes = tuple(decode_strokes(path) for path in _paths(drawings))
    return Items(decoded, strokes, _labels(pictures), _labels(drawings))


def _paths(items: list[Item]) -> list[Path]:
    return [item.path for item in items]


def _labels(items: list[Item]) -> NDArray[np.int64]:
    labels = [NO_CLOTHING if item.label is None else item.label for item in items]
    return np.array(labels, np.int64)

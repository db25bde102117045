"""A collection as arrays, for a training to make variants of."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fmnist_core.collection.content import Picture, Strokes, decode_picture, decode_strokes
from fmnist_core.collection.item import PICTURE, is_item_file, label_of
from fmnist_core.collection.store import CollectionStore
from fmnist_core.errors import CollectionError
from fmnist_core.settings import Settings

NO_CLOTHING = -1
# A network sees 28: this leaves plenty to crop, turn and find a background in.
READ_SIDE = 256

Decoded = TypeVar("Decoded")


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


@dataclass(frozen=True)
class _File:
    name: str
    label: int | None
    data: bytes


def load_items(settings: Settings, name: str, longest: int = READ_SIDE) -> Items:
    """Reads a collection into memory: a thousand photos in about a second.

    Args:
        longest: Pictures are shrunk to this longest side, in pixels.

    Raises:
        CollectionError: There is no such collection, or one of its files is damaged.
    """
    files = []
    for item in CollectionStore(settings).items(name):
        # One that is removed or relabelled in this very moment is as if it had been before.
        with suppress(FileNotFoundError):
            files.append(_File(item.path.name, item.label, item.path.read_bytes()))
    return _decoded(files, longest)


def load_packed(path: Path, longest: int = READ_SIDE) -> Items:
    """As `load_items`, from a ZIP file that `CollectionStore.archive` made.

    Raises:
        CollectionError: The file is missing or damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [PurePosixPath(name) for name in archive.namelist()]
            files = [
                _File(name.name, label_of(name.parent.name), archive.read(str(name)))
                for name in names
                if is_item_file(name.name)
            ]
    except (OSError, zipfile.BadZipFile) as error:
        raise CollectionError(
            "A packed collection cannot be read.", received=f"{path.name}: {error}"
        ) from error
    return _decoded(files, longest)


def _decoded(files: Iterable[_File], longest: int) -> Items:
    ordered = sorted(files, key=lambda file: file.name)
    pictures = [file for file in ordered if file.name.endswith(PICTURE)]
    drawings = [file for file in ordered if not file.name.endswith(PICTURE)]
    return Items(
        _each(lambda file: decode_picture(file.data, file.name, longest), pictures),
        _each(lambda file: decode_strokes(file.data, file.name), drawings),
        _labels(pictures),
        _labels(drawings),
    )


def _each(decode: Callable[[_File], Decoded], files: list[_File]) -> tuple[Decoded, ...]:
    # Decoding a picture leaves Python free: two at a time take half as long.
    with ThreadPoolExecutor() as threads:
        return tuple(threads.map(decode, files))


def _labels(files: list[_File]) -> NDArray[np.int64]:
    labels = [NO_CLOTHING if file.label is None else file.label for file in files]
    return np.array(labels, np.int64)

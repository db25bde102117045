"""Loads a collection as arrays for training, and packs it into one file named by its content.

A collection may grow, change or be deleted while a run trains on it; the packed copy in the lab's
cache stays as it was when the run began.
"""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable, Container, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fmnist_core.atomic_files import write_bytes
from fmnist_core.collections.content import (
    PICTURE,
    Picture,
    Strokes,
    decode_picture,
    decode_strokes,
    folder_of,
    is_item_file,
    label_of,
)
from fmnist_core.collections.store import CollectionStore, fingerprint_of_files
from fmnist_core.errors import CollectionError
from fmnist_core.settings import Settings

# What no run has asked for during so long, and none will, is deleted when something new comes.
_UNUSED_SECONDS = 30 * 24 * 3600.0

NO_CLOTHING = -1
# A network reads 28 to 56: this leaves plenty to crop, turn and find a background in.
READ_SIDE = 256

Decoded = TypeVar("Decoded")


class PackedCollections:
    """The packed collections in this machine's cache, apart from the collections themselves."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._place = settings.cache_dir / "collections"

    def path(self, fingerprint: str) -> Path:
        """The path of the pack with that fingerprint, which may not exist."""
        return self._place / f"{fingerprint}.zip"

    def has(self, fingerprint: str) -> bool:
        """Whether it is here; it is kept for another while then."""
        path = self.path(fingerprint)
        if not path.is_file():
            return False
        path.touch()
        return True

    def keep(self, name: str) -> str:
        """Packs a collection as it is now; returns its fingerprint.

        Raises:
            CollectionError: There is no such collection.
            StorageError: The disk is full or cannot be written.
        """
        store = CollectionStore(self._settings)
        fingerprint = store.fingerprint(name)
        if not self.has(fingerprint):
            packed = store.pack(name)
            # Somebody may have added an item since.
            fingerprint = packed.fingerprint
            write_bytes(self.path(fingerprint), packed.content)
        return fingerprint

    def restore(self, name: str, fingerprint: str) -> None:
        """Packs it again where it is gone, if the collection still is the same.

        Raises:
            CollectionError: It is another one now, or gone as well.
            StorageError: The disk is full or cannot be written.
        """
        if self.has(fingerprint):
            return
        store = CollectionStore(self._settings)
        same = name in store.names() and store.fingerprint(name) == fingerprint
        if not same or self.keep(name) != fingerprint:
            raise CollectionError(
                "The items that the run began with are not here any more.",
                received=f"{name}, packed as {self.path(fingerprint)}",
                advice="Train again from its configuration.",
            )

    def forget(self, files: Sequence[str]) -> None:
        """Deletes every pack that holds one of these files: who made them wants them gone.

        A run that would go on learning from such a pack says that its items are not here any more.
        """
        for path in self._place.glob("*.zip") if files else ():
            with suppress(OSError):
                if set(files) & _names_in(path):
                    path.unlink()

    def sweep(self, needed: Container[str]) -> None:
        """Deletes what was long unused and is not `needed`."""
        for path in self._place.glob("*.zip"):
            unused = time.time() - path.stat().st_mtime > _UNUSED_SECONDS
            if unused and path.stem not in needed:
                path.unlink(missing_ok=True)


@dataclass(frozen=True, eq=False)
class Items:
    """All items of a collection; the same order for the same contents on every machine.

    Attributes:
        pictures: uint8 (h, w, 3) RGB each, sides of different lengths.
        strokes: Drawings: strokes of float32 (2, points), x and y from 0 to 255, y downwards.
        picture_labels, stroke_labels: int64, class numbers 0 to 9; `OTHER_CLOTHING` for
            clothing that is none of the ten; `NO_CLOTHING`, -1, for "no clothing".
    """

    pictures: tuple[Picture, ...]
    strokes: tuple[Strokes, ...]
    picture_labels: NDArray[np.int64]
    stroke_labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.pictures) + len(self.strokes)


def load_items(settings: Settings, name: str, longest: int = READ_SIDE) -> Items:
    """Reads a collection into memory: a thousand photos in about a second.

    Args:
        longest: Pictures are shrunk to this longest side, in pixels.

    Raises:
        CollectionError: There is no such collection, or one of its files is damaged.
    """
    files = []
    for item in CollectionStore(settings).items(name):
        # An item removed or relabelled concurrently counts as changed before.
        with suppress(FileNotFoundError):
            data, place = item.path.read_bytes(), f"{name}: {item.path}"
            files.append(_File(item.path.name, item.label, data, place))
    return _decoded(files, longest)


@dataclass(frozen=True)
class _File:
    name: str
    label: int | None
    data: bytes
    place: str


def load_packed(
    path: Path, fingerprint: str = "", *, place: str = "", longest: int = READ_SIDE
) -> Items:
    """As `load_items`, from a ZIP file that `CollectionStore.archive` made.

    Args:
        fingerprint: What must be in it; by default anything.
        place: The folder that errors tell of, by default the ZIP file.

    Raises:
        CollectionError: The file is missing, damaged, or holds other items.
    """
    files = _unpacked(path, place or str(path))
    found = _fingerprint(files)
    if fingerprint not in ("", found):
        raise CollectionError(
            "A packed collection holds other items than it should.",
            received=f"{path}: {found}",
            advice="Delete that file.",
        )
    return _decoded(files, longest)


def packed_fingerprint(path: Path) -> str:
    """The fingerprint of what is in a ZIP file of a collection, after reading all of it.

    Raises:
        CollectionError: The file is missing or damaged.
    """
    return _fingerprint(_unpacked(path, str(path)))


def _fingerprint(files: Iterable[_File]) -> str:
    return fingerprint_of_files((file.name, file.label) for file in files)


def _unpacked(path: Path, place: str) -> list[_File]:
    try:
        with zipfile.ZipFile(path) as archive:
            return [_member(archive, entry, place) for entry in _item_entries(archive)]
    except Exception as error:
        # Damaged archives make zipfile raise BadZipFile, zlib.error, EOFError, RuntimeError, …
        raise CollectionError(
            "A packed collection cannot be read.",
            received=f"{path}: {error}",
            advice="Delete that file.",
        ) from error


def _names_in(path: Path) -> set[str]:
    """The files in a pack; of a damaged one none."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {entry.filename.split("/")[-1] for entry in _item_entries(archive)}
    except zipfile.BadZipFile:
        return set()


def _item_entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [entry for entry in archive.infolist() if is_item_file(entry.filename.split("/")[-1])]


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: str) -> _File:
    *folders, name = (part for part in entry.filename.split("/") if part)
    label = label_of(folders[-1] if folders else "")
    return _File(name, label, archive.read(entry), f"{place}/{folder_of(label)}/{name}")


def _decoded(files: Iterable[_File], longest: int) -> Items:
    ordered = sorted(files, key=lambda file: file.name)
    pictures = [file for file in ordered if file.name.endswith(PICTURE)]
    drawings = [file for file in ordered if not file.name.endswith(PICTURE)]
    return Items(
        _each(lambda file: decode_picture(file.data, file.place, longest), pictures),
        _each(lambda file: decode_strokes(file.data, file.place), drawings),
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

"""Where an import finds its files: in folders named after classes, or in an exported ZIP file."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fmnist_core.collection.filling import MOST_BYTES as MOST_COLLECTION_BYTES
from fmnist_core.collection.filling import MOST_ITEMS
from fmnist_core.collection.item import STROKES, is_item_file, label_of
from fmnist_core.errors import CollectionError, InputError
from fmnist_core.inputs.decode import MOST_BYTES
from fmnist_core.safe_zip import PICTURE_RATIO, Fault, UnsafeZipError, open_zip, read_member

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", STROKES)
# Whoever packs a collection again may pack folders as well, and a Mac a hidden file for each item.
_MOST_MEMBERS = 3 * MOST_ITEMS


@dataclass(frozen=True)
class Source:
    """One file to take in.

    Attributes:
        folder, name: As people call them: `Ankle boot`, `mine.png`.
        label: What the folder is named after.
        read: Its bytes, at most one more than a picture may have; raises InputError.
    """

    folder: str
    name: str
    label: int | None
    read: Callable[[], bytes]

    @property
    def is_drawing(self) -> bool:
        return self.name.lower().endswith(STROKES)


def folder_sources(folder: Path) -> list[Source]:
    """Pictures and drawings in `CLASS/`, class by class and by name; nothing else, no pipes.

    Raises:
        CollectionError: A folder cannot be read or is named after no class, or there are none.
    """
    found = [source for place in _class_folders(folder) for source in _within(place)]
    if not found:
        raise CollectionError(
            "The folder must hold pictures as CLASS/*.png or *.jpg, CLASS being 0 to 9 or `other`.",
            received=str(folder),
        )
    return found


def _class_folders(folder: Path) -> list[Path]:
    with _reading(folder):
        places = sorted(place for place in folder.iterdir() if place.is_dir())
    places = [place for place in places if not place.name.startswith(".")]
    for place in places:
        label_of(place.name)
    return places


def _within(place: Path) -> Iterator[Source]:
    with _reading(place):
        files = [file for file in sorted(place.iterdir()) if file.suffix.lower() in ENDINGS]
        files = [file for file in files if file.is_file() and not file.name.startswith(".")]
    for file in files:
        yield Source(place.name, file.name, label_of(place.name), partial(_read, file))


@contextmanager
def _reading(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CollectionError(
            "The folder cannot be read.", received=f"{place}: {error.strerror}"
        ) from error


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError("The file cannot be read.", received=error.strerror) from error


@contextmanager
def archive_sources(path: Path) -> Iterator[list[Source]]:
    """The items of an exported collection; to be read before the context ends.

    Raises:
        CollectionError: Damaged, no exported collection, or larger than a collection may be.
    """
    with _reading(path):
        file = path.open("rb")
    with file:
        try:
            archive = open_zip(file, _MOST_MEMBERS)
        except UnsafeZipError as error:
            raise (_too_much if error.fault is Fault.MEMBERS else _damaged)(path) from error
        entries = [entry for entry in archive.infolist() if _is_item(entry)]
        if not entries:
            raise CollectionError(
                "The ZIP file is no exported collection.",
                received=str(path),
                advice="Unpack it, and import the folder: CLASS/*.png, CLASS being 0 to 9.",
            )
        if sum(entry.file_size for entry in entries) > MOST_COLLECTION_BYTES:
            raise _too_much(path)
        yield [_member(archive, entry) for entry in entries]


def _is_item(entry: zipfile.ZipInfo) -> bool:
    folder, _, name = entry.filename.rpartition("/")
    return is_item_file(name) and folder != "" and "/" not in folder


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Source:
    folder, _, name = entry.filename.partition("/")
    return Source(folder, name, label_of(folder), partial(_inflated, archive, entry))


def _inflated(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        return read_member(archive, entry, MOST_BYTES, PICTURE_RATIO)
    except UnsafeZipError as error:
        if error.fault is Fault.DAMAGED:
            raise InputError("The file is damaged in the archive.") from error
        raise InputError(
            "The file is too large, or packed in a way the lab does not read."
        ) from error


def _damaged(path: Path) -> CollectionError:
    return CollectionError(
        "The ZIP file is damaged.", received=str(path), advice="Export the collection again."
    )


def _too_much(path: Path) -> CollectionError:
    return CollectionError(
        f"A collection holds at most {MOST_ITEMS:,} items and "
        f"{MOST_COLLECTION_BYTES // 10**6:,} MB.",
        received=f"more than that in {path}",
        advice="Unpack it, and import a part of it.",
    )

"""The files of one collection: found, put in place, moved."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from fmnist_core.atomic_files import write_bytes
from fmnist_core.collections.content import Content
from fmnist_core.collections.item import (
    FOLDERS,
    PICTURE,
    STROKES,
    Item,
    folder_of,
    is_item_file,
    label_of,
)
from fmnist_core.errors import CollectionError


def items_in(folder: Path) -> Iterator[Item]:
    """The items of one class; none where there is no folder yet.

    Raises:
        CollectionError: The folder cannot be read.
    """
    label = label_of(folder.name)
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise CollectionError(
            "A folder of the collection cannot be read.", received=f"{folder}: {error.strerror}"
        ) from error
    for entry in entries:
        if not is_item_file(entry.name):
            continue
        with suppress(FileNotFoundError):
            facts = entry.stat()
            path = folder / entry.name
            yield Item(path.stem, label, path, facts.st_size, facts.st_mtime)


def place(content: Content, there: Path | None, folder: Path) -> Path:
    """Puts an item into a class's folder, from where it is `there` already; returns its file."""
    if there is None:
        write_bytes(folder / content.file, content.data)
    else:
        move(there, folder)
    return folder / content.file


def find(path: Path, file: str) -> Path | None:
    """Where a collection has the file, whatever its class; None where it has not."""
    places = (path / folder / file for folder in FOLDERS)
    return next((place for place in places if place.is_file()), None)


def file_of(path: Path, item_id: str) -> Path:
    """The file of an item, whatever its class.

    Raises:
        CollectionError: The collection has no such item.
    """
    names = [f"{item_id}{ending}" for ending in (PICTURE, STROKES)]
    found = [find(path, name) for name in names if is_item_file(name)]
    file = next((place for place in found if place is not None), None)
    if file is None:
        raise CollectionError("There is no such item.", received=repr(item_id)[:40])
    return file


def move(file: Path, folder: Path) -> None:
    """Puts a file into another folder in one step."""
    if file.parent == folder:
        return
    folder.mkdir(exist_ok=True)
    file.replace(folder / file.name)


def sweep(folders: Iterable[Path]) -> None:
    """Deletes what killed writers left unfinished; only the one writer may call it."""
    for folder in folders:
        for part in folder.glob(".part-*"):
            part.unlink(missing_ok=True)


def fingerprint_of(items: Sequence[Item]) -> str:
    """The same for the same contents and labels: 16 hexadecimal digits."""
    return fingerprint_of_files((item.path.name, item.label) for item in items)


def fingerprint_of_files(files: Iterable[tuple[str, int | None]]) -> str:
    """The same, from the files' names and labels."""
    lines = sorted(f"{name.partition('.')[0]} {folder_of(label)}" for name, label in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

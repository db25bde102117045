"""Stores collections of user pictures and drawings with labels, in folders.

    FMNIST_HOME/collections/NAME/CLASS/ITEM.png|json

CLASS is 0 to 9, `other-clothing` for clothing that is none of the ten, or `other` for what is no
clothing; ITEM is named by its content. The folders are the whole truth: a file is put in place,
moved or removed in one step, so nothing is ever half done, and the list of items is read from them
anew. One process at a time adds items; duplicates are skipped, and the number and size of items are
limited.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.atomic_files import storage_errors, write_bytes
from fmnist_core.classroom import check_disk
from fmnist_core.collections.content import (
    FOLDERS,
    PICTURE,
    STROKES,
    Content,
    Item,
    Picture,
    folder_of,
    is_item_file,
    label_of,
    picture_content,
)
from fmnist_core.config.rules import Names
from fmnist_core.errors import CollectionError, ConfigError
from fmnist_core.locks import locked
from fmnist_core.permissions import acting, check_change, may_change
from fmnist_core.preprocessing.decode import open_picture
from fmnist_core.settings import Settings

MOST_ITEMS = 20_000

MOST_BYTES = 1_000_000_000

_NAME = Names(1)
_TRASH = ".trash-"
# In a class: who began the collection.
_OWNER = ".owner"


class CollectionWriter:
    """Adds items to the collection at `path`, which the first one creates.

    Others may write in between. What is there is counted once, at the beginning, so that a long
    import takes no longer for each item than a short one.
    """

    def __init__(self, path: Path, check_room: Callable[[int], None] = lambda size: None) -> None:
        self._path, self._check_room = path, check_room
        self._begun = False
        self._items, self._size = 0, 0

    def put(self, contents: Sequence[tuple[Content, int | None]]) -> int:
        """Adds items with their labels, each atomically; returns how many are new.

        Raises:
            CollectionError: A wrong label, the collection is full, or it was deleted since the
                first items came in.
            ClassError: A student keeps as much on the disk as the teacher allows.
            StorageError: The disk is full or cannot be written.
        """
        folders = [self._path / folder_of(label) for _, label in contents]
        # Before the lock, which makes the folder, and again where a deletion held the lock.
        self._check_still_there()
        with writing(self._path):
            self._check_still_there()
            if not self._begun:
                _own(self._path)
            self._begin()
            there = {one.file: _find(self._path, one.file) for one, _ in contents}
            fresh = {one.file: len(one.data) for one, _ in contents if not there[one.file]}
            self._take_room(fresh)
            for (content, _), folder in zip(contents, folders, strict=True):
                there[content.file] = place(content, there[content.file], folder)
        return len(fresh)

    def _check_still_there(self) -> None:
        if self._begun and not self._path.is_dir():
            raise CollectionError(
                "The collection was deleted while items came in.", received=self._path.name
            )

    def _begin(self) -> None:
        if self._begun:
            return
        places = [self._path / folder for folder in FOLDERS]
        sizes = [item.size for folder in places for item in _items_in(folder)]
        self._items, self._size = len(sizes), sum(sizes)
        _sweep(places)
        self._begun = True

    def _take_room(self, fresh: dict[str, int]) -> None:
        more = sum(fresh.values())
        if more:
            self._check_room(more)
        items, size = self._items + len(fresh), self._size + more
        if items > MOST_ITEMS or size > MOST_BYTES:
            raise CollectionError(
                f"A collection holds at most {MOST_ITEMS:,} items and {MOST_BYTES // 10**6:,} MB.",
                received=f"{len(fresh):,} more for the {self._items:,} in {self._path.name}",
                advice="Start another collection, or remove items.",
            )
        self._items, self._size = items, size


@dataclass(frozen=True)
class CollectionSummary:
    """A collection at a glance.

    Attributes:
        counts: Items per class number, other clothing under 10, and under None those that are no
            clothing.
        size: Of all files, in bytes.
    """

    name: str
    counts: dict[int | None, int]
    size: int

    @property
    def items(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Packed:
    """A ZIP file of a collection, and the fingerprint of what is in it."""

    content: bytes
    fingerprint: str


class CollectionStore:
    """The collections in the lab's home."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._place = settings, settings.collections_dir

    def names(self) -> tuple[str, ...]:
        """All collections, in alphabetical order; none where there is no folder yet.

        Raises:
            CollectionError: The folder of collections cannot be read.
        """
        try:
            found = [entry.name for entry in os.scandir(self._place) if entry.is_dir()]
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise CollectionError(
                "The folder of collections cannot be read.",
                received=f"{self._place}: {error.strerror}",
            ) from error
        return tuple(sorted(name for name in found if _is_name(name) and self._is_mine(name)))

    def create(self, name: str) -> None:
        """An empty collection; one that is there already stays as it is.

        Raises:
            CollectionError: A name that is not letters, digits, - and _, at most 60.
            StorageError: The disk is full or cannot be written.
        """
        path = self._path(name)
        self._check_mine(name)
        with storage_errors(path):
            path.mkdir(parents=True, exist_ok=True)
            _own(path)

    def items(self, name: str) -> tuple[Item, ...]:
        """All items, in the order in which they were added.

        Raises:
            CollectionError: There is no such collection.
        """
        path = self._existing(name)
        found = [item for folder in FOLDERS for item in _items_in(path / folder)]
        return tuple(sorted(found, key=lambda item: (item.added, item.id)))

    def labels(self, name: str) -> frozenset[int | None]:
        """The labels that items have, in a millisecond; none of an empty collection.

        Raises:
            CollectionError: There is no such collection.
        """
        path = self._existing(name)
        return frozenset(label_of(folder) for folder in FOLDERS if any(_items_in(path / folder)))

    def summary(self, name: str) -> CollectionSummary:
        """Counts per class and bytes.

        Raises:
            CollectionError: There is no such collection.
        """
        items = self.items(name)
        counts = {label_of(folder): 0 for folder in FOLDERS}
        for item in items:
            counts[item.label] += 1
        return CollectionSummary(name, counts, sum(item.size for item in items))

    def fingerprint(self, name: str) -> str:
        """The same for the same contents and labels, on every machine: 16 hexadecimal digits.

        Raises:
            CollectionError: There is no such collection.
        """
        return _fingerprint_of(self.items(name))

    def add(self, name: str, content: bytes, label: int | None) -> str:
        """Adds a picture file to a collection, which is created if necessary.

        The same picture once more only takes the new label.

        Args:
            content: PNG, JPEG or WebP.
            label: Class number 0 to 9, 10 for other clothing; None for "no clothing".

        Returns:
            The item's identifier.

        Raises:
            InputError: The picture cannot be read.
            CollectionError: A wrong name or label, or the collection is full.
            StorageError: The disk is full or cannot be written.
        """
        return self.add_picture(name, open_picture(content, "The picture").picture, label)

    def add_picture(self, name: str, picture: Picture, label: int | None) -> str:
        """As `add`, of uint8 (h, w, 3) with sides of at most 512 pixels."""
        content = picture_content(picture)
        self.put(name, [(content, label)])
        return content.id

    def put(self, name: str, contents: Sequence[tuple[Content, int | None]]) -> int:
        """Adds many items with their labels, each atomically; returns how many are new.

        Raises:
            CollectionError: A wrong name or label, or the collection is full.
            StorageError: The disk is full or cannot be written.
        """
        return self.writer(name).put(contents)

    def writer(self, name: str) -> CollectionWriter:
        """A writer that adds items group by group, for imports.

        Raises:
            CollectionError: A wrong name.
        """
        path = self._path(name)
        self._check_mine(name)
        return CollectionWriter(path, lambda size: check_disk(self._settings, more=size))

    def remove(self, name: str, item_id: str) -> None:
        """Deletes an item; one that is gone already is no error.

        Raises:
            CollectionError: There is no such collection.
            StorageError: The disk cannot be written.
        """
        path = self._existing(name)
        with writing(path), suppress(CollectionError):
            _file_of(path, item_id).unlink(missing_ok=True)

    def archive(self, name: str) -> bytes:
        """The whole collection as a ZIP file of `CLASS/ITEM.png|json`.

        Raises:
            CollectionError: There is no such collection.
        """
        return self.pack(name).content

    def pack(self, name: str) -> Packed:
        """The same, with the fingerprint of what is in it.

        Raises:
            CollectionError: There is no such collection.
        """
        memory, packed = io.BytesIO(), []
        with zipfile.ZipFile(memory, "w") as file:
            for item in self.items(name):
                with suppress(FileNotFoundError):
                    data = item.path.read_bytes()
                    # Without its date, which may be one that a ZIP file cannot say.
                    file.writestr(
                        zipfile.ZipInfo(f"{folder_of(item.label)}/{item.path.name}"), data
                    )
                    packed.append(item)
        return Packed(memory.getvalue(), _fingerprint_of(packed))

    def delete(self, name: str) -> None:
        """Deletes a collection for good: out of sight in one step, then from the disk.

        Raises:
            CollectionError: There is no such collection.
            StorageError: The disk cannot be written; the collection is whole.
        """
        path = self._existing(name)
        with writing(path):
            path.rename(self._place / f"{_TRASH}{secrets.token_hex(8)}")
        self.empty_trash()

    def empty_trash(self) -> None:
        """Deletes what interrupted deletions have left."""
        for trash in self._place.glob(f"{_TRASH}*"):
            shutil.rmtree(trash, ignore_errors=True)

    def owner(self, name: str) -> str:
        """Who began the collection, in a class; empty where nobody in particular did."""
        return _owner_of(self._path(name))

    def _path(self, name: str) -> Path:
        try:
            return self._place / _NAME.check("The collection's name", (name,))[0]
        except ConfigError as error:
            raise CollectionError(
                "A collection's name has 1 to 60 letters, digits, - and _, "
                "and begins with a letter or digit.",
                received=repr(name)[:80],
            ) from error

    def _existing(self, name: str) -> Path:
        path = self._path(name)
        if not path.is_dir():
            raise CollectionError(
                "There is no such collection.",
                received=repr(name),
                advice="See `python -m fmnist_core collection list`.",
            )
        self._check_mine(name)
        return path

    def _check_mine(self, name: str) -> None:
        """Drawings and photos are shown to nobody else, whatever the teacher lets students see."""
        if not self._is_mine(name):
            check_change(_owner_of(self._place / name), "see or change this collection")

    def _is_mine(self, name: str) -> bool:
        path = self._place / name
        return acting() is None or not path.is_dir() or may_change(_owner_of(path))


def _own(path: Path) -> None:
    """Notes who began a collection, where somebody in particular acts."""
    person = acting()
    if person is not None and not (path / _OWNER).exists():
        write_bytes(path / _OWNER, person.id.encode())


def _owner_of(path: Path) -> str:
    try:
        return (path / _OWNER).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _is_name(text: str) -> bool:
    try:
        return bool(_NAME.check("name", (text,)))
    except ConfigError:
        return False


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Keeps other writers out of a collection, and makes its folder where it is missing.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    # One writer at a time: else the same picture could come into two classes.
    with storage_errors(path), locked(path / ".lock"):
        yield


def _items_in(folder: Path) -> Iterator[Item]:
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
    """Writes an item to a class's folder, or moves it from `there`; returns its file."""
    if there is None:
        write_bytes(folder / content.file, content.data)
    else:
        _move(there, folder)
    return folder / content.file


def _find(path: Path, file: str) -> Path | None:
    """The path of the file in any class of a collection, or None."""
    places = (path / folder / file for folder in FOLDERS)
    return next((place for place in places if place.is_file()), None)


def _file_of(path: Path, item_id: str) -> Path:
    """The file of an item, whatever its class.

    Raises:
        CollectionError: The collection has no such item.
    """
    names = [f"{item_id}{ending}" for ending in (PICTURE, STROKES)]
    found = [_find(path, name) for name in names if is_item_file(name)]
    file = next((place for place in found if place is not None), None)
    if file is None:
        raise CollectionError("There is no such item.", received=repr(item_id)[:40])
    return file


def _move(file: Path, folder: Path) -> None:
    """Moves a file to another folder atomically."""
    if file.parent == folder:
        return
    folder.mkdir(exist_ok=True)
    file.replace(folder / file.name)


def _sweep(folders: Iterable[Path]) -> None:
    """Deletes what killed writers left unfinished; only the one writer may call it."""
    for folder in folders:
        for part in folder.glob(".part-*"):
            part.unlink(missing_ok=True)


def _fingerprint_of(items: Sequence[Item]) -> str:
    """The same for the same contents and labels: 16 hexadecimal digits."""
    return fingerprint_of_files((item.path.name, item.label) for item in items)


def fingerprint_of_files(files: Iterable[tuple[str, int | None]]) -> str:
    """The same, from the files' names and labels."""
    lines = sorted(f"{name.partition('.')[0]} {folder_of(label)}" for name, label in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

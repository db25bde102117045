"""Items on their way into a collection: one writer at a time, nothing twice, never too many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fmnist_core.collection.content import Content
from fmnist_core.collection.files import find, items_in, place, sweep
from fmnist_core.collection.item import FOLDERS, folder_of
from fmnist_core.durable import storage_errors
from fmnist_core.errors import CollectionError
from fmnist_core.locks import locked

MOST_ITEMS = 20_000
MOST_BYTES = 1_000_000_000


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Keeps other writers out of a collection, whose folder is made where it is missing.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    # One writer at a time: else the same picture could come into two classes.
    with storage_errors(path), locked(path / ".lock"):
        yield


class Filling:
    """Puts items into the collection at `path`, which is made with the first of them.

    Others may write in between. What is there is counted once, at the beginning, so that a long
    import takes no longer for each item than a short one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._begun = False
        self._items, self._size = 0, 0

    def put(self, contents: Sequence[tuple[Content, int | None]]) -> int:
        """Puts items with their labels in place, each in one step; returns how many are new.

        Raises:
            CollectionError: A wrong label, the collection is full, or it was deleted since the
                first items came in.
            StorageError: The disk is full or cannot be written.
        """
        folders = [self._path / folder_of(label) for _, label in contents]
        # Before the lock, which makes the folder, and again where a deletion held the lock.
        self._check_still_there()
        with writing(self._path):
            self._check_still_there()
            self._begin()
            there = {one.file: find(self._path, one.file) for one, _ in contents}
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
        sizes = [item.size for folder in places for item in items_in(folder)]
        self._items, self._size = len(sizes), sum(sizes)
        sweep(places)
        self._begun = True

    def _take_room(self, fresh: dict[str, int]) -> None:
        items, size = self._items + len(fresh), self._size + sum(fresh.values())
        if items > MOST_ITEMS or size > MOST_BYTES:
            raise CollectionError(
                f"A collection holds at most {MOST_ITEMS:,} items and {MOST_BYTES // 10**6:,} MB.",
                received=f"{len(fresh):,} more for the {self._items:,} in {self._path.name}",
                advice="Begin another collection, or remove items.",
            )
        self._items, self._size = items, size

"""Folders of pictures and files of drawings become collections."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from fmnist_core.collection.content import (
    Content,
    decode_strokes,
    drawing_content,
    picture_content,
)
from fmnist_core.collection.filling import MOST_ITEMS
from fmnist_core.collection.halves import half_of
from fmnist_core.collection.quickdraw import Drawing, read_drawings
from fmnist_core.collection.sources import Source, archive_sources, folder_sources
from fmnist_core.collection.store import CollectionStore
from fmnist_core.errors import CollectionError, InputError
from fmnist_core.inputs.decode import open_picture

# Few enough for others to write in between, and to hold in memory.
_AT_ONCE = 64

Thing = TypeVar("Thing")
# A picture or drawing and its class; None: it is no clothing.
Labelled = tuple[Content, int | None]
# Told how many files are done, and how many there are.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes:
        items: Pictures or drawings that are in the collection now.
        new: Of these, those that were not there before.
        refused: A sentence for each file that is no picture.
    """

    items: int
    new: int
    refused: tuple[str, ...] = ()


def import_folder(
    store: CollectionStore,
    name: str,
    folder: Path,
    *,
    half: str = "all",
    clothing_only: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Takes `CLASS/*.png|jpg|jpeg|webp`; CLASS is 0 to 9, a class's name, or `other`.

    Drawings of an unpacked archive of a collection (`*.json`) are taken as well.

    Args:
        half: `"first"` or `"second"`: every other file of each class, in the order of names, so
            that the rest is left to measure on.
        clothing_only: Leaves the folder `other` out.
        progress: Told how many files are done, and how many there are.

    Raises:
        CollectionError: No such folder, no folder of a class in it, or too many pictures.
        StorageError: The disk is full or cannot be written; what was taken before is kept.
    """
    return _import(store, name, folder_sources(folder), half, clothing_only, progress)


def import_archive(
    store: CollectionStore,
    name: str,
    path: Path,
    *,
    half: str = "all",
    clothing_only: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Takes a collection in that was exported as a ZIP file; else as `import_folder`.

    Raises:
        CollectionError: The file is damaged, no exported collection, or too large.
        StorageError: The disk is full or cannot be written; what was taken before is kept.
    """
    with archive_sources(path) as sources:
        return _import(store, name, sources, half, clothing_only, progress)


def _import(
    store: CollectionStore,
    name: str,
    sources: list[Source],
    half: str,
    clothing_only: bool,
    progress: Progress | None,
) -> Imported:
    if clothing_only:
        sources = [one for one in sources if one.label is not None]
    sources = half_of(sources, half, lambda one: one.folder, lambda one: one.name)
    _check_count(len(sources), name)
    refused: list[str] = []
    new = _fill(store, name, sources, lambda some: _readable(some, refused), progress)
    return Imported(len(sources) - len(refused), new, tuple(refused))


def import_ndjson(
    store: CollectionStore,
    name: str,
    file: Path,
    *,
    half: str = "all",
    label: int | None = None,
    clothing_only: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Takes the drawings in a file of Quick, Draw!, all or none of them.

    Args:
        half: `"first"` or `"second"`: every other drawing of each word in the order of `key_id`,
            so that the rest is left to measure on. Of drawings that are no clothing every other
            word: how a network takes to other things is measured on things it never saw.
        label: The class of drawings that name none; None: they are no clothing.
        clothing_only: Leaves drawings that are no clothing out.

    Raises:
        CollectionError: The file cannot be read, a line is no drawing, or there are too many.
        StorageError: The disk is full or cannot be written; what was taken before is kept.
    """
    chosen = chosen_drawings(file, half, label)
    if clothing_only:
        chosen = [one for one in chosen if one.label is not None or label is not None]
    _check_count(len(chosen), name)
    new = _fill(store, name, chosen, lambda some: [_labelled(one, label) for one in some], progress)
    return Imported(len(chosen), new)


def chosen_drawings(file: Path, half: str, label: int | None = None) -> list[Drawing]:
    """The drawings of a file that `import_ndjson` takes in, with the class it gives them.

    Raises:
        CollectionError: The file cannot be read, or a line is no drawing.
    """
    # Half of any more would be too much, too: a file of a million lines is not read to its end.
    drawings = list(islice(read_drawings(file), 2 * MOST_ITEMS + 2))
    clothing = [one for one in drawings if one.label is not None or label is not None]
    others = [one for one in drawings if one.label is None and label is None]
    chosen = half_of(clothing, half, lambda one: one.word, lambda one: one.key)
    return chosen + _half_of_words(others, half)


def _half_of_words(drawings: list[Drawing], half: str) -> list[Drawing]:
    words = sorted({one.word for one in drawings})
    kept = set(half_of(words, half, lambda _: None, lambda word: word))
    return [one for one in drawings if one.word in kept]


def _fill(
    store: CollectionStore,
    name: str,
    things: Sequence[Thing],
    contents: Callable[[Sequence[Thing]], list[Labelled]],
    progress: Progress | None,
) -> int:
    """Puts the contents of things in, group by group; returns how many are new."""
    filling, new, done = store.filling(name), 0, 0
    for some in _groups(things):
        new += filling.put(contents(some))
        done += len(some)
        if progress:
            progress(done, len(things))
    return new


def _readable(sources: Sequence[Source], refused: list[str]) -> list[Labelled]:
    """The contents of files; `refused` gets a sentence for each that is no picture."""
    contents: list[Labelled] = []
    for source in sources:
        try:
            contents.append((_content(source), source.label))
        except (InputError, CollectionError) as error:
            refused.append(f"{source.folder}/{source.name}: {error}")
    return contents


def _content(source: Source) -> Content:
    data = source.read()
    if source.is_drawing:
        return drawing_content(decode_strokes(data, source.name))
    return picture_content(open_picture(data, source.name).picture)


def _labelled(drawing: Drawing, label: int | None) -> Labelled:
    return drawing_content(drawing.strokes), label if drawing.label is None else drawing.label


def _check_count(count: int, name: str) -> None:
    if count > MOST_ITEMS:
        raise CollectionError(
            f"A collection holds at most {MOST_ITEMS:,} items.",
            received=f"{count:,} for {name}",
            advice="Import a part of it.",
        )


def _groups(things: Sequence[Thing]) -> Iterator[Sequence[Thing]]:
    for start in range(0, len(things), _AT_ONCE):
        yield things[start : start + _AT_ONCE]

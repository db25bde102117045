"""Imports collections: folders named after classes, exported ZIP files, Quick, Draw! files.

Of https://github.com/googlecreativelab/quickdraw-dataset both the simplified files (0 to 255) and
the raw ones (pixels and times) are read. The halves are disjoint: train on one, test on the other.
"""

from __future__ import annotations

import json
import zipfile
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any, TypeVar

from fmnist_core.collections.content import (
    MOST_DRAWING_BYTES,
    STROKES,
    Content,
    Strokes,
    decode_strokes,
    drawing_content,
    folder_of,
    is_item_file,
    label_of,
    picture_content,
    strokes_from,
)
from fmnist_core.collections.store import MOST_BYTES as MOST_COLLECTION_BYTES
from fmnist_core.collections.store import MOST_ITEMS, CollectionStore
from fmnist_core.errors import CollectionError, InputError
from fmnist_core.preprocessing.decode import MOST_BYTES, open_picture
from fmnist_core.safe_zip import PICTURE_RATIO, Fault, UnsafeZipError, open_zip, read_member

HALVES = ("all", "first", "second")


@dataclass(frozen=True)
class Drawing:
    """One line: what was asked for, its number, the strokes and the class (None: no clothing)."""

    word: str
    key: str
    strokes: Strokes
    label: int | None


_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", STROKES)

# Whoever packs a collection again may pack folders as well, and a Mac a hidden file for each item.
_MOST_MEMBERS = 3 * MOST_ITEMS

# Few enough for others to write in between, and to hold in memory.
_AT_ONCE = 64

Thing = TypeVar("Thing")
# A picture or drawing and its class; None: it is no clothing.
Labelled = tuple[Content, int | None]
# Called with the number of completed files, and of all files.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Imported:
    """The result of an import.

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
    """Imports `CLASS/*.png|jpg|jpeg|webp`; CLASS is 0 to 9, a class's name,
    `other-clothing` or `other`.

    Drawings of an unpacked archive of a collection (`*.json`) are taken as well.

    Args:
        half: `"first"` or `"second"`: every other file of each class, in the order of names, so
            that the rest is left to measure on.
        clothing_only: Leaves the folder `other` out.
        progress: Called with the number of completed files, and of all files.

    Raises:
        CollectionError: No such folder, no folder of a class in it, or too many pictures.
        StorageError: The disk is full or cannot be written; what was taken before is kept.
    """
    return _import(store, name, _folder_sources(folder), half, clothing_only, progress)


def import_archive(
    store: CollectionStore,
    name: str,
    path: Path,
    *,
    half: str = "all",
    clothing_only: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Imports a collection exported as a ZIP file; else as `import_folder`.

    Raises:
        CollectionError: The file is damaged, no exported collection, or too large.
        StorageError: The disk is full or cannot be written; what was taken before is kept.
    """
    with _archive_sources(path) as sources:
        return _import(store, name, sources, half, clothing_only, progress)


def _import(
    store: CollectionStore,
    name: str,
    sources: list[_Source],
    half: str,
    clothing_only: bool,
    progress: Progress | None,
) -> Imported:
    if clothing_only:
        sources = [one for one in sources if one.label is not None]
    sources = _half_of(sources, half, lambda one: one.folder, lambda one: one.name)
    _check_count(len(sources), name)
    refused: list[str] = []
    new = _fill(store, name, sources, lambda some: _readable(some, refused), progress)
    return Imported(len(sources) - len(refused), new, tuple(refused))


@dataclass(frozen=True)
class _Source:
    """One file to import.

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
    """Imports the drawings of a Quick, Draw! file, all or none of them.

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
    drawings = list(islice(_read_drawings(file), 2 * MOST_ITEMS + 2))
    clothing = [one for one in drawings if one.label is not None or label is not None]
    others = [one for one in drawings if one.label is None and label is None]
    chosen = _half_of(clothing, half, lambda one: one.word, lambda one: one.key)
    return chosen + _half_of_words(others, half)


def _half_of_words(drawings: list[Drawing], half: str) -> list[Drawing]:
    words = sorted({one.word for one in drawings})
    kept = set(_half_of(words, half, lambda _: None, lambda word: word))
    return [one for one in drawings if one.word in kept]


def _fill(
    store: CollectionStore,
    name: str,
    things: Sequence[Thing],
    contents: Callable[[Sequence[Thing]], list[Labelled]],
    progress: Progress | None,
) -> int:
    """Adds contents group by group; returns how many are new."""
    writer, new, done = store.writer(name), 0, 0
    for some in _groups(things):
        new += writer.put(contents(some))
        done += len(some)
        if progress:
            progress(done, len(things))
    return new


def _readable(sources: Sequence[_Source], refused: list[str]) -> list[Labelled]:
    """The contents of files; `refused` gets a sentence for each that is no picture."""
    contents: list[Labelled] = []
    for source in sources:
        try:
            contents.append((_content(source), source.label))
        except (InputError, CollectionError) as error:
            refused.append(f"{source.folder}/{source.name}: {error}")
    return contents


def _content(source: _Source) -> Content:
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


def _folder_sources(folder: Path) -> list[_Source]:
    """Pictures and drawings in `CLASS/`, class by class and by name; nothing else, no pipes.

    Raises:
        CollectionError: A folder cannot be read or is named after no class, or there are none.
    """
    found = [source for place in _class_folders(folder) for source in _within(place)]
    if not found:
        raise CollectionError(
            "The folder must hold pictures as CLASS/*.png or *.jpg, CLASS being 0 to 9, "
            "`other-clothing` or `other`.",
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


def _within(place: Path) -> Iterator[_Source]:
    with _reading(place):
        files = [file for file in sorted(place.iterdir()) if file.suffix.lower() in _ENDINGS]
        files = [file for file in files if file.is_file() and not file.name.startswith(".")]
    for file in files:
        yield _Source(place.name, file.name, label_of(place.name), partial(_read, file))


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
def _archive_sources(path: Path) -> Iterator[list[_Source]]:
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
                advice="Unpack it and import the folder: CLASS/*.png, CLASS being 0 to 9.",
            )
        if sum(entry.file_size for entry in entries) > MOST_COLLECTION_BYTES:
            raise _too_much(path)
        yield [_member(archive, entry) for entry in entries]


def _is_item(entry: zipfile.ZipInfo) -> bool:
    folder, _, name = entry.filename.rpartition("/")
    return is_item_file(name) and folder != "" and "/" not in folder


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> _Source:
    folder, _, name = entry.filename.partition("/")
    return _Source(folder, name, label_of(folder), partial(_inflated, archive, entry))


def _inflated(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        return read_member(archive, entry, MOST_BYTES, PICTURE_RATIO)
    except UnsafeZipError as error:
        if error.fault is Fault.DAMAGED:
            raise InputError("The file is damaged in the archive.") from error
        raise InputError(
            "The file is too large, or uses an unsupported compression method."
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
        advice="Unpack it and import part of it.",
    )


def _read_drawings(path: Path) -> Iterator[Drawing]:
    """The drawings of a file in their order.

    A line without `label` is no clothing.

    Raises:
        CollectionError: The file cannot be read, or a line is no drawing: its number is named.
    """
    try:
        if path.exists() and not path.is_file():
            # A pipe or a device would be waited for, or never end.
            raise CollectionError("This is no file.", received=str(path))
        with path.open("rb") as lines:
            # One more byte than may be: enough to be refused, however long the line is.
            for number in count(1):
                if not (line := lines.readline(MOST_DRAWING_BYTES + 1)):
                    return
                if line.strip():
                    yield _drawing(line, f"{path.name}, line {number}")
    except OSError as error:
        raise CollectionError("The file cannot be read.", received=f"{path}: {error}") from error


def _drawing(line: bytes, place: str) -> Drawing:
    try:
        if len(line) > MOST_DRAWING_BYTES:
            raise ValueError("too long for a drawing")
        value: Any = json.loads(line.decode())
        label = value.get("label")
        folder_of(label)
        strokes = strokes_from(value["drawing"])
        return Drawing(str(value.get("word", "")), str(value.get("key_id", "")), strokes, label)
    except UnicodeDecodeError as error:
        raise CollectionError("The file cannot be read: no text.", received=place) from error
    except (ValueError, KeyError, AttributeError, RecursionError, CollectionError) as error:
        raise CollectionError(
            "A line must be a drawing of Quick, Draw!: {word, key_id, drawing, label}.",
            received=f"{place}: {error}",
        ) from error


def _half_of(
    things: Sequence[Thing],
    half: str,
    group: Callable[[Thing], Hashable],
    order: Callable[[Thing], str],
) -> list[Thing]:
    """One half: every other thing of each group, counted in the `order` of its members.

    The two halves share nothing, come to the same thing on every machine, and do not depend on
    the order of `things`. Whole numbers as text are ordered by their value.

    Raises:
        CollectionError: `half` is none of `HALVES`.
    """
    if half not in HALVES:
        raise CollectionError(f"half must be one of {', '.join(HALVES)}.", received=repr(half))
    if half == "all":
        return list(things)
    groups: dict[Hashable, list[Thing]] = defaultdict(list)
    for thing in things:
        groups[group(thing)].append(thing)
    start = HALVES.index(half) - 1
    ordered = (
        sorted(members, key=lambda one: _by_value(order(one))) for members in groups.values()
    )
    return [thing for members in ordered for thing in members[start::2]]


def _by_value(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isascii() and text.isdigit() else (-1, text)

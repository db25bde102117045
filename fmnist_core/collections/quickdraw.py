"""Reads drawings in the format of Quick, Draw! (one JSON object a line), all of them or one half.

https://github.com/googlecreativelab/quickdraw-dataset; both the simplified files (0 to 255) and
the raw ones (pixels and times) are read. The halves are disjoint: train on one, test on the other.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from fmnist_core.collections.content import MOST_DRAWING_BYTES, Strokes, strokes_from
from fmnist_core.collections.item import folder_of
from fmnist_core.errors import CollectionError

HALVES = ("all", "first", "second")

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Drawing:
    """One line: what was asked for, its number, the strokes and the class (None: no clothing)."""

    word: str
    key: str
    strokes: Strokes
    label: int | None


def read_drawings(path: Path) -> Iterator[Drawing]:
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


def half_of(
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

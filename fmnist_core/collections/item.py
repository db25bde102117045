"""One item of a collection: a small file whose folder says what it shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.classes import CLASS_COUNT, CLASS_NAMES
from fmnist_core.errors import CollectionError

OTHER_FOLDER = "other"
FOLDERS = (*(str(label) for label in range(CLASS_COUNT)), OTHER_FOLDER)
PICTURE, STROKES = ".png", ".json"

_FILE = re.compile(r"[0-9a-f]{16}\.(png|json)")


@dataclass(frozen=True)
class Item:
    """One picture or one drawing.

    Attributes:
        id: 16 hexadecimal digits, the same for the same content.
        label: Class number 0 to 9; None for "no clothing".
        path: Its file; a relabelled item moves to another folder.
        size: Of the file, in bytes.
        added: Unix time.
    """

    id: str
    label: int | None
    path: Path
    size: int
    added: float

    @property
    def is_picture(self) -> bool:
        """A PNG; else the strokes of a drawing."""
        return self.path.suffix == PICTURE


def folder_of(label: int | None) -> str:
    """The folder of items of that class: `"0"` to `"9"`, or `"other"` for no clothing.

    Raises:
        CollectionError: Another label.
    """
    if label is None:
        return OTHER_FOLDER
    if isinstance(label, bool) or not isinstance(label, int) or not 0 <= label < CLASS_COUNT:
        raise CollectionError(
            "A label must be a class number from 0 to 9, or none for no clothing.",
            received=repr(label)[:40],
        )
    return str(label)


def label_of(folder: str) -> int | None:
    """The inverse of `folder_of` for folder names of people: also class names in any spelling.

    Raises:
        CollectionError: The name is that of no class.
    """
    plain = _plain(folder)
    # Names come in many spellings, numbers in one: -1 is not 1.
    if plain in _SPELLINGS and (plain == folder or not plain.isdigit()):
        return _SPELLINGS[plain]
    raise CollectionError(
        "A folder must be named after a class (0 to 9 or its name), or `other`.",
        received=repr(folder[:60]),
        advice=f"The classes are {', '.join(CLASS_NAMES)}.",
    )


def is_item_file(name: str) -> bool:
    return _FILE.fullmatch(name) is not None


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


_SPELLINGS: dict[str, int | None] = {
    **{_plain(name): label for label, name in enumerate(CLASS_NAMES)},
    **{str(label): label for label in range(CLASS_COUNT)},
    "tshirt": 0,
    "trousers": 1,
    OTHER_FOLDER: None,
}

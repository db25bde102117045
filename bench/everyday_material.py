"""Pictures to measure with: KIND/CLASS/*.png|jpg|webp, and KIND/other/ for what is no clothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import InputError
from fmnist_core.inputs.files import picture_files

OTHER = "other"


@dataclass(frozen=True)
class Item:
    """One picture; `label` is its class number, or `None` for what is no clothing."""

    kind: str
    label: int | None
    path: str


def items_in(folder: Path) -> list[Item]:
    """All pictures of a folder, kind by kind and class by class.

    Raises:
        InputError: No such folder, a folder whose name is no class, or no pictures.
    """
    items = [item for kind in _folders(folder) for item in _of_kind(kind)]
    if not items:
        raise InputError(
            "There are no pictures to measure with.",
            received=folder,
            advice="They are laid out as KIND/CLASS/*.png, KIND/other/*.png.",
        )
    return items


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise InputError("There is no such folder.", received=folder)
    return sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] != ".")


def _of_kind(folder: Path) -> Iterator[Item]:
    for classes in _folders(folder):
        label = class_number(classes.name)
        for path in picture_files([str(classes)]):
            yield Item(folder.name, label, path)


def class_number(text: str) -> int | None:
    """The class that a folder is named after, by number or name; `None` for `other`.

    Raises:
        InputError: It is named after none.
    """
    plain = _plain(text)
    if plain == OTHER:
        return None
    if re.fullmatch(r"\d", text, re.ASCII):
        return int(text)
    for number, name in enumerate(CLASS_NAMES):
        # A folder's name has no slash: "T-shirt" and "t-shirt_top" both mean "T-shirt/top".
        if plain in {_plain(name), _plain(name.split("/")[0])}:
            return number
    raise InputError(
        f"A folder of pictures is named after a class, by number or name, or {OTHER!r}.",
        received=repr(text[:80]),
        advice=f"The classes are {', '.join(CLASS_NAMES)}.",
    )


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())

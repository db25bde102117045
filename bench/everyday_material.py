"""Pictures to measure with: KIND/CLASS/*.png|jpg|webp, and KIND/other/ for what is no clothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.collections.content import label_of
from fmnist_core.errors import InputError
from fmnist_core.preprocessing.files import picture_files


@dataclass(frozen=True)
class Item:
    """One picture; `label` is its class number, or `None` for what is no clothing."""

    kind: str
    label: int | None
    path: str


def items_in(folder: Path) -> list[Item]:
    """All pictures of a folder, kind by kind and class by class.

    Raises:
        InputError: No such folder, or no pictures.
        CollectionError: A folder that is named after no class.
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
        label = label_of(classes.name)
        for path in picture_files([str(classes)]):
            yield Item(folder.name, label, path)

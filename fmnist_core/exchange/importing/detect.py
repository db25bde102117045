"""One door for files from elsewhere: what a file is, its content tells."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.errors import ImportedFileError
from fmnist_core.exchange.importing.archive import opened
from fmnist_core.exchange.importing.keras_file import import_keras
from fmnist_core.exchange.importing.run_archive import MANIFEST, import_run
from fmnist_core.safe_zip import UnsafeZipError
from fmnist_core.settings import Settings


@dataclass(frozen=True)
class ImportResult:
    """A file that became a run, and a sentence on what was found out about it."""

    run_id: str
    note: str


def import_file(
    path: Path,
    settings: Settings,
    *,
    name: str = "",
    owner: str = "",
    on_progress: Callable[[float, str], None] = lambda share, what: None,
) -> ImportResult:
    """A run from a Keras file, or from a run that another lab packed.

    Args:
        name: What a network is to be called; a packed run keeps its name.

    Raises:
        ImportedFileError: It is neither, or was refused; nothing is left behind.
        ConfigError: A name that is not one line of at most 80 characters.
        StorageError: The disk is full or cannot be written.
    """
    if not path.is_file():
        raise ImportedFileError("There is no such file.", received=path.name[:80])
    if not os.access(path, os.R_OK):
        raise ImportedFileError(
            "The file cannot be read.", received=path.name[:80], advice="Allow it to be read."
        )
    if _is_packed_run(path):
        on_progress(0.1, "checking the run")
        folder = import_run(path, settings, owner)
        return ImportResult(folder.id, f"The run {folder.name} was imported with all its results.")
    found = import_keras(
        path, settings, name=name or path.stem[:80], owner=owner, on_progress=on_progress
    )
    right = f"{100 * found.accuracy:.1f}\u202f%"
    return ImportResult(
        found.run_id,
        f"It expects gray values {found.pixels}: with them its accuracy is {right} on "
        f"{found.examples:,} training images. Evaluate it to get its test accuracy.",
    )


def _is_packed_run(path: Path) -> bool:
    try:
        with path.open("rb") as file, opened(file) as archive:
            return MANIFEST in archive.namelist()
    except (UnsafeZipError, OSError):
        # What else it is, or what is wrong with it, is found out behind the other door.
        return False

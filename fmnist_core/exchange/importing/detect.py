"""One door for files from elsewhere: what a file is, its content tells."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.classroom import check_disk
from fmnist_core.errors import ImportedFileError
from fmnist_core.exchange.importing.archive import opened
from fmnist_core.exchange.importing.keras_file import import_keras
from fmnist_core.exchange.importing.run_archive import MANIFEST, import_run
from fmnist_core.safe_zip import UnsafeZipError
from fmnist_core.settings import Settings

# Far below any network that has learned these classes, and above what others reach by chance.
_WEAK = 0.25


@dataclass(frozen=True)
class ImportResult:
    """A file that became a run.

    Attributes:
        run_id: The run.
        note: What was found out about it.
        warning: Why its answers may be worth nothing; empty if nothing speaks for that.
    """

    run_id: str
    note: str
    warning: str = ""


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
        ClassError: A student keeps as much on the disk as the teacher allows.
        ConfigError: A name that is not one line of at most 80 characters.
        StorageError: The disk is full or cannot be written.
    """
    if not path.is_file():
        raise ImportedFileError("There is no such file.", received=path.name[:80])
    if not os.access(path, os.R_OK):
        raise ImportedFileError(
            "The file cannot be read.", received=path.name[:80], advice="Allow it to be read."
        )
    check_disk(settings, owner=owner, more=path.stat().st_size)
    if _is_packed_run(path):
        on_progress(0.1, "checking the run")
        folder = import_run(path, settings, owner)
        return ImportResult(folder.id, f"The run {folder.name} was imported with all its results.")
    found = import_keras(
        path, settings, name=name or path.stem[:80], owner=owner, on_progress=on_progress
    )
    right = f"{100 * found.accuracy:.1f}\u202f%"
    note = (
        f"It expects gray values {found.pixels}: with them its accuracy is {right} on "
        f"{found.examples:,} training images. "
    )
    if found.ending == "sigmoid":
        note += (
            "It ends with ten sigmoids, each a yes or no of its own: the lab shows the "
            "probability of each class given that exactly one applies. "
        )
    note += "Evaluate it to get its test accuracy."
    return ImportResult(found.run_id, note, _doubt(right) if found.accuracy < _WEAK else "")


def _doubt(right: str) -> str:
    return (
        f"The network is right in {right} of images with the best of the usual scalings of gray "
        "values, inverted ones included; guessing is right in 10\u202f%. Its classes may stand in "
        "another order than here (0 T-shirt/top to 9 Ankle boot), or it learned from other images."
    )


def _is_packed_run(path: Path) -> bool:
    try:
        with path.open("rb") as file, opened(file) as archive:
            return MANIFEST in archive.namelist()
    except (UnsafeZipError, OSError):
        # What else it is, or what is wrong with it, is found out behind the other door.
        return False

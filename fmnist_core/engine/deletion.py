"""Deletes runs: out of sight in one step, then from the disk.

Whatever ends the deletion in between leaves the whole run or none; the rest of its files goes
at the engine's next start.
"""

from __future__ import annotations

import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path

from fmnist_core.atomic_files import storage_errors
from fmnist_core.engine import lifecycle
from fmnist_core.engine.server.connection import is_assigned
from fmnist_core.errors import RunError, StorageError
from fmnist_core.permissions import check_change
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.index import RunIndex
from fmnist_core.settings import Settings

_TRASH = ".trash-"
_WAIT_SECONDS = 8.0


def delete_run(run_id: str, settings: Settings) -> None:
    """Deletes a run, or a damaged folder, for good; a run that is training is ended first.

    Raises:
        RunError: There is no such run, or it is being trained outside the engine.
        NotAllowedError: It belongs to somebody else.
        StorageError: The disk cannot be written; the run is whole.
    """
    folder = RunFolder(_existing(settings.runs_dir, run_id))
    check_change(folder.owner, "delete this run")
    index = RunIndex(settings.index_path, settings.runs_dir)
    if not index.stop_waiting(run_id) and is_assigned(index, run_id) and folder.held:
        index.mark_unwanted(run_id)
        _wait_until_gone(index, folder, settings)
    if folder.path.exists() and folder.held:
        raise RunError(
            "The run is being trained and does not end.",
            received=run_id,
            advice="Stop it first, then delete it.",
        )
    delete_folder(folder.path)
    index.remove(run_id)
    # What was exported of it; a name with a dot or a slash has not come this far.
    shutil.rmtree(settings.home / "exports" / run_id, ignore_errors=True)


def delete_folder(path: Path) -> None:
    """Moves a run's folder away atomically, then deletes it; a missing one is no error.

    Raises:
        StorageError: The disk cannot be written; the folder is as it was.
    """
    # Names with a leading dot are no runs to anybody.
    trash = path.with_name(f"{_TRASH}{secrets.token_hex(8)}")
    try:
        with suppress(FileNotFoundError), storage_errors(path):
            path.rename(trash)
    except StorageError as error:
        raise StorageError(
            f"The run cannot be deleted, the disk does not allow it: {error.__cause__}.",
            advice="Make the folder of runs writable; the run is untouched.",
        ) from error
    _remove(trash)


def empty_trash(runs_dir: Path) -> None:
    """Deletes what interrupted deletions left."""
    for trash in runs_dir.glob(f"{_TRASH}*"):
        _remove(trash)


def _existing(runs_dir: Path, run_id: str) -> Path:
    path = runs_dir / run_id
    if path.parent != runs_dir or run_id.startswith(".") or not path.is_dir():
        raise RunError(
            "There is no such run.", received=repr(run_id[:80]), advice="See `runs list`."
        )
    return path


def _remove(trash: Path) -> None:
    if trash.is_symlink():
        trash.unlink(missing_ok=True)
    shutil.rmtree(trash, ignore_errors=True)


def _wait_until_gone(index: RunIndex, folder: RunFolder, settings: Settings) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while folder.path.exists() and is_assigned(index, folder.id) and time.monotonic() < deadline:
        if not lifecycle.is_alive(settings):
            return
        time.sleep(0.05)

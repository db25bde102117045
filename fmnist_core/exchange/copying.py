"""A run given to somebody else of the class by a code: they get a copy, which is theirs."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from fmnist_core.atomic_files import remove_leftovers, stamp, storage_errors, write_json
from fmnist_core.classroom import Exchange, Offer, check_disk
from fmnist_core.errors import RunError
from fmnist_core.exchange.importing.run_archive import NEEDED, TAKEN
from fmnist_core.permissions import owner_of_new
from fmnist_core.runs.folder import Origin, RunFolder, RunMeta, new_id
from fmnist_core.runs.library import list_runs
from fmnist_core.runs.pinned_images import pinned_images_of
from fmnist_core.settings import Settings

# The images that a run watches, and what it recorded of them.
_SHOWING_PINNED = ("probes.json", "trace.jsonl")


def give(run_id: str, exchange: Exchange, settings: Settings) -> Offer:
    """A code by which others of the class can take a copy of the run.

    Raises:
        NotAllowedError: Neither its owner nor the teacher acts.
        RunError: There is no such run, it has not ended, or it has saved no network.
        StorageError: The disk is full or cannot be written.
    """
    folder = RunFolder.open(settings.runs_dir, run_id)
    _check_given(folder)
    return exchange.offer(run_id, folder.owner)


def take(code: str, exchange: Exchange, settings: Settings) -> RunFolder:
    """A copy of the run that the code gives; the one that is there, where it was taken before.

    Raises:
        ClassError: A wrong code, too many of them, or no room left for the student's runs.
        NotAllowedError: Nobody of the class acts.
        RunError: The run is gone, or is one's own.
        StorageError: The disk is full or cannot be written; there is no half of a copy.
    """
    offer = exchange.find(code)
    taker = owner_of_new("")
    # Not `open`, which asks whether one may look: the code is the permission.
    folder = RunFolder(settings.runs_dir / offer.run)
    _check_given(folder)
    if taker and folder.owner == taker:
        raise RunError("This is the code of a run of your own.", advice="Give it to somebody else.")
    for run in list_runs(settings):
        if run.owner == taker and run.origin is not None and run.origin.run == folder.id:
            return RunFolder(settings.runs_dir / run.id)
    parts = (folder.path / name for name in TAKEN)
    check_disk(settings, owner=taker, more=sum(stamp(part)[1] for part in parts))
    return _copied(folder, taker, settings.runs_dir)


def _check_given(folder: RunFolder) -> None:
    if folder.status.active or not folder.model_path.is_file():
        raise RunError(
            "A run can be given away when it has ended and saved its network.",
            received=f"{folder.id} is {folder.status.state}" if folder.path.is_dir() else "no run",
            advice="It may have been deleted: ask its owner.",
        )


def _copied(folder: RunFolder, taker: str, home: Path) -> RunFolder:
    origin = Origin(folder.id, folder.name, folder.owner)
    meta = RunMeta(folder.meta.name, owner=taker, created=time.time(), origin=origin)
    with storage_errors(home):
        remove_leftovers(home, ".import-*")
        # Beside the runs, so that the last step is one rename; its name makes it no run.
        with tempfile.TemporaryDirectory(dir=home, prefix=".import-") as part:
            copy = Path(part) / "run"
            copy.mkdir()
            # A drawing that its owner pinned is not given away with the run.
            personal = any(one.personal for one in pinned_images_of(folder))
            for name in TAKEN:
                if personal and name in _SHOWING_PINNED:
                    continue
                _copy(folder.path / name, copy / name)
            write_json(copy / "meta.json", meta.to_json())
            place = home / new_id(f"copy-{folder.config.preset or 'own'}")
            copy.rename(place)
            return RunFolder(place)


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError:
        if source.name in NEEDED - {"meta.json"}:
            raise RunError("The run was deleted as it was copied.") from None

"""An export in a process of its own, with its state in a file that survives reloads of a page.

    python -m fmnist_core.exchange.exporting.job MODEL FORMAT

exports/<network>/<format>/state.json in the lab's home has its progress and its result.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json, storage_errors, write_json
from fmnist_core.background_job import JobState, StoppedError, seconds_left
from fmnist_core.errors import ExportError, LabError
from fmnist_core.exchange.exporting.checking import Check
from fmnist_core.exchange.exporting.exporting import Exported, export
from fmnist_core.exchange.exporting.formats import Format, format_named
from fmnist_core.exchange.exporting.subject import Subject, subject_of
from fmnist_core.locks import is_locked, lock_for_child, locked
from fmnist_core.permissions import check_change, check_see, may_change, owner_of_new
from fmnist_core.settings import Settings, load_settings
from fmnist_core.subprocess_env import child_environment

log = logging.getLogger(__name__)
# The network itself is asked first, at another pace.
_TELLING_SHARE = 0.2
_POLL_SECONDS = 0.2
_MOST_ENDING = 10
# A file of this name in an export's folder asks it to end.
_STOP = ".stop"
# In a class: who began it.
_BEGUN_BY = "begun-by.json"


def export_folder(subject: Subject, wanted: Format, settings: Settings) -> Path:
    """The folder of the lab's copy of an exported file."""
    name = "shipped" if subject.model == "shipped" else subject.id
    return settings.home / "exports" / name / wanted.name


def export_state(subject: Subject, wanted: Format, settings: Settings) -> JobState[Exported]:
    """The state of an export; a file of other weights or figures counts as none."""
    folder = export_folder(subject, wanted, settings)
    found = _read(folder, subject)
    if found.running and not is_locked(folder / ".lock"):
        # It may have ended between the two reads.
        found = _read(folder, subject)
        if found.running:
            ended = ExportError("The export's process ended unexpectedly.", advice="Try again.")
            return JobState(error=ended)
    if found.running and (folder / _STOP).exists():
        return replace(found, what="stopping")
    return found


def begin_export(subject: Subject, wanted: Format, settings: Settings) -> None:
    """Starts it in a process of its own, unless it is running; exports run one at a time.

    Who sees a run may export it: the file is theirs as well as the owner's to download, and only
    who began it, the run's owner and the teacher can stop it.

    Raises:
        NotAllowedError: Who acts may not see the run.
        StorageError: The disk is full or cannot be written.
    """
    check_see(subject.folder.owner, "this run")
    folder = export_folder(subject, wanted, settings)
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        until = time.monotonic() + _MOST_ENDING
        while time.monotonic() < until:
            try:
                with lock_for_child(folder / ".lock") as held:
                    _begin(folder, subject, wanted, held)
                return
            except TimeoutError:
                if _read(folder, subject).running:
                    # Another tab was quicker.
                    return
                # The previous process has finished but still holds the lock.
                time.sleep(_POLL_SECONDS)


def stop_export(subject: Subject, wanted: Format, settings: Settings) -> None:
    """Asks an export to stop; it does so within a few seconds and leaves no files.

    Raises:
        NotAllowedError: Somebody else began it, of a run that is somebody else's.
        StorageError: The disk is full or cannot be written.
    """
    folder = export_folder(subject, wanted, settings)
    if not may_change(_begun_by(folder)):
        check_change(subject.folder.owner, "stop this export")
    with storage_errors(folder):
        (folder / _STOP).touch()


def _begin(folder: Path, subject: Subject, wanted: Format, held: int) -> None:
    (folder / _STOP).unlink(missing_ok=True)
    for left in folder.glob(".part-*"):
        # Of an export that was killed.
        shutil.rmtree(left, ignore_errors=True)
    write_state(folder, subject, JobState(running=True, what="waiting for its turn"))
    write_json(folder / _BEGUN_BY, {"owner": owner_of_new("")})
    with (folder / "job.log").open("wb") as printed:
        # The child inherits the lock: it is free again when the child ends, however it ends.
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "fmnist_core.exchange.exporting.job",
                str(subject.model),
                wanted.name,
            ],
            env=child_environment(TF_CPP_MIN_LOG_LEVEL="3"),
            stdout=printed,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=(held,),
        )


def _begun_by(folder: Path) -> str:
    value = read_json(folder / _BEGUN_BY)
    return str(value.get("owner")) if isinstance(value, dict) else ""


def made_of(subject: Subject) -> str:
    """A digest of the network, its name and its figures."""
    parts = [subject.sha256, subject.name, repr(subject.evaluation)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def main(arguments: list[str]) -> int:
    settings = load_settings()
    model, kind = arguments
    wanted = format_named(kind)
    subject = subject_of(model, settings)
    folder = export_folder(subject, wanted, settings)
    try:
        # One export of the lab at a time: each loads TensorFlow.
        turn = settings.home / "exports" / ".turn"
        _raise_if_stopped(folder)
        with locked(turn, check=partial(_raise_if_stopped, folder)):
            _run(subject, wanted, folder, settings)
    except StoppedError:
        write_state(folder, subject, JobState())
    except Exception as error:
        log.exception("The export failed.")
        if not isinstance(error, LabError):
            advice = "What happened is in job.log beside its files."
            error = ExportError("The export failed.", advice=advice)
        write_state(folder, subject, JobState(error=error))
        return 1
    return 0


def _run(subject: Subject, wanted: Format, folder: Path, settings: Settings) -> None:
    def on_progress(share: float, what: str) -> None:
        _raise_if_stopped(folder)
        if share - last[0] >= 0.02 or what != last[1]:
            last[:] = [share, what]
            write_state(folder, subject, JobState(True, share, what), began)

    began, last = time.time(), list[Any]([0.0, ""])
    found = export(subject, wanted, folder, settings, on_progress)
    write_state(folder, subject, JobState(share=1.0, result=found))


def write_state(
    folder: Path, subject: Subject, state: JobState[Exported], began: float = 0.0
) -> None:
    """Stores the state of an export.

    Args:
        began: Unix time at which it started; 0 while it waits.
    """
    result, error = state.result, state.error
    value = {
        "made_of": made_of(subject),
        "began": began,
        "state": {"running": state.running, "share": state.share, "what": state.what},
        "error": error and {"rule": error.fact, "advice": error.advice},
        "result": result and asdict(result) | {"path": result.path.name},
    }
    write_json(folder / "state.json", value)


def _read(folder: Path, subject: Subject) -> JobState[Exported]:
    value = read_json(folder / "state.json")
    try:
        if value["error"]:
            return JobState(error=ExportError(**value["error"]))
        state, result = JobState[Exported](**value["state"]), value["result"]
        if state.running:
            left = seconds_left(state.share, time.time() - value["began"], telling=_TELLING_SHARE)
            return replace(state, seconds_left=left)
        path, check = folder / Path(result["path"]).name, result["check"]
        if value["made_of"] == made_of(subject) and path.is_file():
            found = Exported(path, result["size"], Check(**check) if check else None)
            return replace(state, result=found)
    except (TypeError, KeyError):
        # Missing, or of another version.
        pass
    return JobState()


def _raise_if_stopped(folder: Path) -> None:
    if (folder / _STOP).exists():
        raise StoppedError


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""An export as a process of its own, whose state lies in a file: a page shows it, reloads and all.

    python -m fmnist_core.exchange.exporting.job MODEL FORMAT

exports/<network>/<format>/state.json in the lab's home tells how far it is, and what came of it.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json, storage_errors, write_json
from fmnist_core.errors import LabError
from fmnist_core.exchange.exporting.checking import Check
from fmnist_core.exchange.exporting.exporting import CARD, Exported, export
from fmnist_core.exchange.exporting.formats import Format, format_named
from fmnist_core.exchange.exporting.subject import Subject, subject_of
from fmnist_core.locks import is_locked, lock_for_child, locked
from fmnist_core.settings import Settings, load_settings
from fmnist_core.subprocess_env import child_environment

log = logging.getLogger(__name__)
_ENOUGH = 0.2
_LOOK_AGAIN = 0.2
_MOST_ENDING = 10
# A file of this name in an export's folder asks it to end.
_STOP = ".stop"


class _StoppedError(Exception):
    """Somebody asked the export to end."""


@dataclass(frozen=True)
class ExportState:
    """How far an export is.

    Attributes:
        state: `none`, `running`, `done` or `failed`.
        share: 0 to 1, and `what` is being done, while it runs.
        began: Unix time, in seconds, when its turn came.
        path: The file, once it is there.
        size: Its bytes.
        check: How it compares with the network; None where it holds none.
        rule, advice: What went wrong, and what to do.
        made_of: The same while the network and what is known of it stay.
    """

    state: str = "none"
    share: float = 0.0
    what: str = ""
    began: float = 0.0
    path: Path | None = None
    size: int = 0
    check: Check | None = None
    rule: str = ""
    advice: str = ""
    made_of: str = ""

    @property
    def seconds_left(self) -> float | None:
        """By how long the first part took; None while that says nothing."""
        if not self.began or self.share < _ENOUGH:
            return None
        return max(0.0, (time.time() - self.began) * (1 - self.share) / self.share)

    @property
    def card_path(self) -> Path | None:
        return self.path.parent / CARD if self.path else None


def export_folder(subject: Subject, wanted: Format, settings: Settings) -> Path:
    """Where the lab keeps its own copy of an exported file."""
    name = subject.model if subject.model == "shipped" else subject.id
    return settings.home / "exports" / name / wanted.name


def export_state(subject: Subject, wanted: Format, settings: Settings) -> ExportState:
    """How far it is; a file made of other weights or other figures counts as none."""
    folder = export_folder(subject, wanted, settings)
    found = _read(folder)
    if found.state == "running" and not is_locked(folder / ".lock"):
        # It may have ended between the two looks.
        found = _read(folder)
        if found.state == "running":
            rule = "The export ended without a word."
            return ExportState("failed", rule=rule, advice="Try again.")
    if found.state == "running" and (folder / _STOP).exists():
        return replace(found, what="stopping")
    if found.state == "done" and (found.made_of != made_of(subject) or not _there(found)):
        return ExportState()
    return found


def begin_export(subject: Subject, wanted: Format, settings: Settings) -> None:
    """Begins it in a process of its own, unless it goes on; one process at a time works.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    folder = export_folder(subject, wanted, settings)
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        until = time.monotonic() + _MOST_ENDING
        while time.monotonic() < until:
            try:
                with lock_for_child(folder / ".lock") as held:
                    _begin(folder, [subject.model, wanted.name], held)
                return
            except TimeoutError:
                if _read(folder).state == "running":
                    # Another tab was quicker.
                    return
                # The one before has written its last word, and is about to end.
                time.sleep(_LOOK_AGAIN)


def stop_export(subject: Subject, wanted: Format, settings: Settings) -> None:
    """Asks an export to end; it does so within a few seconds, and leaves nothing.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    folder = export_folder(subject, wanted, settings)
    with storage_errors(folder):
        (folder / _STOP).touch()


def _begin(folder: Path, arguments: list[str], held: int) -> None:
    (folder / _STOP).unlink(missing_ok=True)
    for left in folder.glob(".part-*"):
        # Of an export that was killed.
        shutil.rmtree(left, ignore_errors=True)
    _write(folder, ExportState("running", what="waiting for its turn"))
    with (folder / "job.log").open("wb") as printed:
        # The child inherits the lock: it is free again when the child ends, however it ends.
        subprocess.Popen(
            [sys.executable, "-m", "fmnist_core.exchange.exporting.job", *arguments],
            env=child_environment(TF_CPP_MIN_LOG_LEVEL="3"),
            stdout=printed,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=(held,),
        )


def made_of(subject: Subject) -> str:
    """What a file is made of: the same while network, name and figures are."""
    parts = [subject.sha256, subject.name, repr(subject.evaluation)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def main(arguments: list[str]) -> int:
    settings = load_settings()
    model, kind = arguments
    wanted, folder = format_named(kind), None
    try:
        subject = subject_of(model, settings)
        folder = export_folder(subject, wanted, settings)
        # One export of the lab at a time: each loads TensorFlow.
        turn = settings.home / "exports" / ".turn"
        _look_whether_to_stop(folder)
        with locked(turn, look=partial(_look_whether_to_stop, folder)):
            _run(subject, wanted, folder, settings)
    except _StoppedError:
        _write(export_folder(subject, wanted, settings), ExportState())
    except Exception as error:
        log.exception("The export failed.")
        if folder is None:
            raise
        _write(folder, _failure(error))
        return 1
    return 0


def _run(subject: Subject, wanted: Format, folder: Path, settings: Settings) -> None:
    def heard(share: float, what: str) -> None:
        _look_whether_to_stop(folder)
        if share - told[0] >= 0.02 or what != told[1]:
            told[:] = [share, what]
            _write(folder, ExportState("running", share, what, began))

    began, told = time.time(), list[Any]([0.0, ""])
    found = export(subject, wanted, folder, settings, heard)
    _write(folder, _done(found, subject))


def _done(found: Exported, subject: Subject) -> ExportState:
    return ExportState(
        "done",
        1.0,
        path=found.path,
        size=found.size,
        check=found.check,
        made_of=made_of(subject),
    )


def _failure(error: Exception) -> ExportState:
    if isinstance(error, LabError):
        return ExportState("failed", rule=error.fact, advice=error.advice)
    return ExportState(
        "failed", rule="The export failed.", advice="What happened is in job.log beside its files."
    )


def _write(folder: Path, state: ExportState) -> None:
    value = asdict(state) | {"path": state.path.name if state.path else None}
    write_json(folder / "state.json", value)


def _read(folder: Path) -> ExportState:
    value = read_json(folder / "state.json")
    try:
        path, check = value["path"], value["check"]
        return ExportState(
            **value
            | {
                "path": folder / Path(path).name if path else None,
                "check": Check(**check) if check else None,
            }
        )
    except (TypeError, KeyError):
        # None, or of another version.
        return ExportState()


def _there(found: ExportState) -> bool:
    return found.path is not None and found.path.is_file()


def _look_whether_to_stop(folder: Path) -> None:
    if (folder / _STOP).exists():
        raise _StoppedError


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The lab's copy of what a worker writes: whole files only, each after what it speaks of.

First weights, then the file that names them, then the diary, then the status: an epoch that
can be read about is saved, and a run that is finished is all here.
"""

from __future__ import annotations

import os
from pathlib import Path

from fmnist_core.durable import storage_errors, write_bytes
from fmnist_core.engine.manifest import APPENDED, CHECKPOINTS, REPLACED, STATUS, Report
from fmnist_core.engine.manifest import checked_name as checked
from fmnist_core.errors import RunError, StorageError
from fmnist_core.runs.events import EventWriter
from fmnist_core.runs.folder import RunFolder


class Mirror:
    """Takes reports about one attempt into the lab's run folder.

    What could not be stored (a full disk) is asked for again, since `offsets` and `stamps` tell
    only of what is safely here.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._starts = {name: _end_of(folder.path / name) for name in APPENDED}
        self.offsets = dict.fromkeys(APPENDED, 0)
        self.stamps: dict[str, str] = {}

    def missing(self, report: Report) -> list[str]:
        """Changed files that were too large for the report."""
        return [
            name
            for name, stamp in report.present.items()
            if self.stamps.get(name) != stamp and name not in report.small
        ]

    def store(self, report: Report, large: dict[str, bytes]) -> bool:
        """Writes all that is new; returns whether anything was.

        Raises:
            RunError: The run's folder is gone.
            StorageError: The disk is full or cannot be written.
            EngineError: The worker names a file that no run has.
        """
        try:
            return self._store(report, large)
        except OSError as error:
            # Not to be taken for a worker that does not answer.
            raise StorageError(
                "The run's folder cannot be written.", received=f"{self._folder.id}: {error}"
            ) from error

    def _store(self, report: Report, large: dict[str, bytes]) -> bool:
        if not (self._folder.path / "config.json").is_file():
            raise RunError("The run was deleted.", received=self._folder.id)
        fresh = {**report.small, **large}
        for name in sorted(fresh.keys() - {STATUS}, key=_order):
            self._replace(name, fresh[name], report)
        if "checkpoint.json" in fresh:
            self._drop_old_checkpoints(report)
        for name, data in report.appended.items():
            self._append(checked(name), data)
        if STATUS in fresh:
            self._replace(STATUS, fresh[STATUS], report)
        return bool(report.appended or fresh)

    def _replace(self, name: str, content: bytes, report: Report) -> None:
        write_bytes(self._folder.path / checked(name), content)
        self.stamps[name] = report.present[name]

    def _append(self, name: str, data: bytes) -> None:
        # At a fixed place: what a full disk cut short is written over, not twice.
        path = self._folder.path / name
        with storage_errors(path):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
            try:
                _write_all(descriptor, data, self._starts[name] + self.offsets[name])
            finally:
                os.close(descriptor)
        self.offsets[name] += len(data)

    def _drop_old_checkpoints(self, report: Report) -> None:
        for path in (self._folder.path / CHECKPOINTS).glob("*"):
            if f"{CHECKPOINTS}/{path.name}" not in report.present:
                path.unlink(missing_ok=True)


def _order(name: str) -> int:
    return REPLACED.index(name) if name in REPLACED else -1


def _write_all(descriptor: int, data: bytes, position: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, position)
        view, position = view[written:], position + written


def _end_of(path: Path) -> int:
    if path.suffix == ".jsonl":
        EventWriter(path).close()  # closes off a line that an earlier attempt left torn
    return path.stat().st_size if path.exists() else 0

"""Transfers a run's files between the engine and one worker, in chunks, and mirrors what it writes.

The mirror holds whole files only, in an order that must stay: first weights, then the file that
names them, then the event log, then the status. So every epoch that can be read about is saved,
and a run that is finished is all here.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json, storage_errors, write_bytes
from fmnist_core.engine.chunks import (
    APPENDED,
    CHECKPOINTS,
    REPLACED,
    SENT,
    STATUS,
    Report,
    chunks_of,
)
from fmnist_core.engine.chunks import checked_name as checked
from fmnist_core.engine.server.connection import WorkerLink
from fmnist_core.engine.worker import run_folder
from fmnist_core.errors import RunError, StorageError
from fmnist_core.runs.events import EventWriter
from fmnist_core.runs.folder import RunFolder


class Mirror:
    """Stores reports about one attempt in the lab's run folder.

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


class RunTransfer:
    """The files of one attempt."""

    def __init__(self, link: WorkerLink, folder: RunFolder, attempt: int) -> None:
        self._link = link
        self._folder = folder
        self._attempt = attempt
        self._mirror = Mirror(folder)

    async def send_all(self, status: bytes) -> None:
        """Everything a worker needs to begin or go on, with `status` as its status file."""
        for name in [*_named_checkpoints(self._folder), *SENT]:
            path = self._folder.path / name
            if name == "status.json":
                await self.send(name, status)
            elif path.is_file():
                await self.send(name, await asyncio.to_thread(path.read_bytes))

    async def send(self, name: str, data: bytes) -> None:
        for chunk in chunks_of(data):
            await self._call(run_folder.receive, name, chunk)

    async def bring(self) -> bool:
        """Stores what is new on the worker; returns whether anything was.

        Raises:
            OSError, TimeoutError: The worker is gone or silent.
            RunError: The run's folder is gone.
            StorageError: The lab's disk is full; nothing is lost, ask again.
        """
        mirror = self._mirror
        report = await self._call(run_folder.collect, mirror.offsets, mirror.stamps)
        large: dict[str, bytes] = {}
        for name in mirror.missing(report):
            data = await self._fetch(name, report)
            if data is None:
                return True  # replaced meanwhile; the next report has it whole
            large[name] = data
        return await asyncio.to_thread(mirror.store, report, large)

    async def _fetch(self, name: str, report: Report) -> bytes | None:
        stamp, data = report.present[name], b""
        while len(data) < int(stamp.rsplit("-", 1)[1]):
            chunk = await self._call(run_folder.fetch, name, stamp, len(data))
            if not chunk:
                return None
            data += chunk
        return data

    async def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await self._link.call(function, self._folder.id, self._attempt, *arguments)


def _named_checkpoints(folder: RunFolder) -> list[str]:
    value = read_json(folder.path / "checkpoint.json")
    names = [value.get(key) for key in ("file", "best_file")] if isinstance(value, dict) else []
    return [f"{CHECKPOINTS}/{Path(name).name}" for name in dict.fromkeys(names) if name]


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

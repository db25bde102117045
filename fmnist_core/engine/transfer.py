"""A run's files on their way between the engine and one worker, in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fmnist_core.durable import read_json
from fmnist_core.engine import scratch
from fmnist_core.engine.chunks import pieces
from fmnist_core.engine.link import WorkerLink
from fmnist_core.engine.manifest import CHECKPOINTS, SENT, Report
from fmnist_core.engine.mirror import Mirror
from fmnist_core.runs.folder import RunFolder


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
        for piece in pieces(data):
            await self._call(scratch.receive, name, piece)

    async def bring(self) -> bool:
        """Stores what is new on the worker; returns whether anything was.

        Raises:
            OSError, TimeoutError: The worker is gone or silent.
            RunError: The run's folder is gone.
            StorageError: The lab's disk is full; nothing is lost, ask again.
        """
        mirror = self._mirror
        report = await self._call(scratch.collect, mirror.offsets, mirror.stamps)
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
            piece = await self._call(scratch.fetch, name, stamp, len(data))
            if not piece:
                return None
            data += piece
        return data

    async def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await self._link.call(function, self._folder.id, self._attempt, *arguments)


def _named_checkpoints(folder: RunFolder) -> list[str]:
    value = read_json(folder.path / "checkpoint.json")
    names = [value.get(key) for key in ("file", "best_file")] if isinstance(value, dict) else []
    return [f"{CHECKPOINTS}/{Path(name).name}" for name in dict.fromkeys(names) if name]

"""One attempt at one run: handed to a worker, supervised there, mirrored, and settled at its end.

The class `Attempt` is the engine's side. The function `_supervise` is the Dask task on the worker:
it starts the child process that trains, and ends it where it does not stop by itself.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json
from fmnist_core.engine.server import recovery
from fmnist_core.engine.server.connection import SILENCE_SECONDS, WorkerLink
from fmnist_core.engine.server.transfer import RunTransfer
from fmnist_core.engine.worker import child, forkserver, run_folder
from fmnist_core.errors import EngineError, LabError, RunError, StorageError
from fmnist_core.runs.events import read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.index import IndexedRun, RunIndex
from fmnist_core.runs.status import ENDED_STATES
from fmnist_core.settings import load_settings
from fmnist_core.tracking import Tracking

# A child that was asked to stop begins to end within this time, or is killed.
_STOP_SECONDS = 15.0

# An engine that asks nothing for so long is gone, and nobody would get the result.
_ORPHANED_SECONDS = 60.0

_STEP_SECONDS = 0.25

# Pages come first on a machine they share with trainings; threads that prepare images inherit it.
_NICENESS = 10

_children: dict[tuple[str, int], ForkServerProcess] = {}

# Attempts that were ended, perhaps before their child was there.
_doomed: set[tuple[str, int]] = set()

POLL_SECONDS = 0.25
# Somebody waits for the first point of the curve.
_EAGER_SECONDS, _EAGER_POLL_SECONDS = 6.0, 0.05
_FULL_DISK_SECONDS = 2.0
# So long other programs may take to hear of a run's end.
_TRACKING_SECONDS = 8.0
_KILL_SECONDS = 3.0

_FREE_SPACE = (
    "Free some space there; what was saved before is untouched. "
    "Then continue this run, or train again from its configuration."
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Worker:
    """A worker that trains: its address and its name for people."""

    address: str
    name: str


@dataclass(frozen=True)
class Outcome:
    """`ended` (its status says how), `gave way`, `failed`, `lost`, `deleted` or `interrupted`."""

    kind: str
    reason: str = ""
    advice: str = ""


class Attempt:
    """Runs in the engine, in its event loop.

    Attributes:
        held: Whether it is to pause with all others, whatever its owner asks.
        gives_way: Whether it is to make room for others at the end of its epoch.
    """

    def __init__(
        self, client: Any, index: RunIndex, folder: RunFolder, row: IndexedRun, worker: Worker
    ) -> None:
        self.worker = worker
        self.held = self.gives_way = False
        self._client, self._index = client, index
        self._folder, self._row = folder, row
        self._link = WorkerLink(client, worker.address)
        self._began = self._heard = self._held_at = time.monotonic()
        self._tracking = Tracking(folder, load_settings())
        self._control: bytes | None = None
        self._interrupted = self._gone = False

    @property
    def run_id(self) -> str:
        return self._row.id

    @property
    def owner(self) -> str:
        return self._row.owner

    @property
    def seconds(self) -> float:
        """For how long it has held its slot."""
        return time.monotonic() - self._began

    def hold(self, held: bool) -> None:
        """Lets it pause with all others, or go on; the time of such a pause is nobody's turn."""
        now = time.monotonic()
        if self.held:
            self._began += now - self._held_at
        self.held, self._held_at = held, now

    def interrupt(self) -> None:
        """Ends the attempt soon; the run keeps its last saved epoch."""
        self._interrupted = True

    async def run(self) -> Outcome:
        """Trains until the run has ended or cannot go on here.

        Raises:
            RunBusyError: Another process trains in the run's folder.
            StorageError: The lab's disk does not even take the beginning.
        """
        with self._folder.hold():
            transfer = RunTransfer(self._link, self._folder, self._row.attempt)
            try:
                await self._link.call(_kill, self._row.id)
                await self._send(transfer)
                task = self._start()
            except (OSError, TimeoutError) as error:
                return Outcome("lost", self._lost(str(error)))
            try:
                return await self._follow(transfer, task)
            finally:
                await self._clean_up(task)
                await asyncio.to_thread(self._tracking.finish, _TRACKING_SECONDS)

    async def _send(self, transfer: RunTransfer) -> None:
        self._control = self._requests()
        # The training counts attempts; this includes those that left no files.
        status = replace(
            self._folder.status,
            state="running",
            attempt=self._row.attempt - 1,
            worker=self.worker.name,
        )
        await transfer.send_all(json.dumps(status.to_json()).encode())

    def _start(self) -> Any:
        return self._client.submit(
            _supervise,
            self._row.id,
            self._row.attempt,
            key=f"{self._row.id}-{self._row.attempt}",
            workers=[self.worker.address],
            resources={"train": 1},
            pure=False,
        )

    async def _follow(self, transfer: RunTransfer, task: Any) -> Outcome:
        while True:
            over = task.done()
            if self._unwanted():
                return Outcome("deleted")
            if self._interrupted:
                return await self._halt(transfer, task)
            try:
                await self._push_wishes(transfer)
                new = await self._bring(transfer)
                if over and not new:
                    return await self._judge(task)
            except RunError:
                return Outcome("deleted")
            except EngineError as error:
                return Outcome("lost", error.fact)
            except (OSError, TimeoutError) as error:
                self._gone = await self._is_gone()
                if self._gone:
                    return Outcome("lost", self._lost(str(error)))
            if not over:
                eager = time.monotonic() - self._began < _EAGER_SECONDS
                await asyncio.sleep(_EAGER_POLL_SECONDS if eager else POLL_SECONDS)

    async def _bring(self, transfer: RunTransfer) -> bool:
        """Returns whether there may be more to come."""
        try:
            new = await transfer.bring()
            if new:
                self._tracking.update_beside()
            if new and (state := self._folder.status.state) in ("running", "paused"):
                self._index.set_state(self._row.id, state)
        except StorageError as error:
            # The training goes on meanwhile, and keeps all it wrote until it was stored here.
            log.error("%s: %s Trying again.", self._row.id, error)
            await asyncio.sleep(_FULL_DISK_SECONDS)
            new = True
        self._heard = time.monotonic()
        return new

    def _requests(self) -> bytes | None:
        """What its owner asks, and the engine; None where nobody has asked anything yet."""
        value = read_json(self._folder.path / "control.json")
        asked = {"pause": self.held, "give_way": self.gives_way}
        more = {name: True for name, is_asked in asked.items() if is_asked}
        if value is None and self._control is None and not more:
            return None
        return json.dumps({**(value if isinstance(value, dict) else {}), **more}).encode()

    async def _push_wishes(self, transfer: RunTransfer) -> None:
        requests = self._requests()
        if requests is not None and requests != self._control:
            await transfer.send("control.json", requests)
            self._control = requests

    def _unwanted(self) -> bool:
        try:
            row = self._index.get(self._row.id)
        except StorageError:
            return False  # a full disk is no request
        there = (self._folder.path / "config.json").is_file()
        return row is None or row.unwanted or not there

    async def _halt(self, transfer: RunTransfer, task: Any) -> Outcome:
        await self._kill(task)
        with suppress(OSError, TimeoutError, LabError):
            while await transfer.bring():
                pass
        return Outcome("interrupted", "The engine was stopped")

    async def _kill(self, task: Any) -> None:
        """Ends the child and waits for that."""
        with suppress(OSError, TimeoutError):
            await self._link.call(_kill, self._row.id, self._row.attempt)
            async with asyncio.timeout(_KILL_SECONDS):
                while not task.done():
                    await asyncio.sleep(0.02)

    async def _judge(self, task: Any) -> Outcome:
        if self._folder.status.state in ENDED_STATES:
            return Outcome("ended")
        if recovery.gave_way(self._folder):
            return Outcome("gave way")
        if task.status != "finished":
            return Outcome("lost", f"The supervisor of the training on {self.worker.name} failed")
        ended = await task
        if ended.reason:
            return Outcome("lost", f"The training process was ended ({ended.reason})")
        if ended.exit_code == child.DISK_STATUS:
            sentence = f"The disk of {self.worker.name} is full or cannot be written."
            return Outcome("failed", sentence, _FREE_SPACE)
        return Outcome("lost", f"The training process died (exit status {ended.exit_code})")

    async def _is_gone(self) -> bool:
        silent = time.monotonic() - self._heard > SILENCE_SECONDS
        return silent or not await self._link.is_known()

    def _lost(self, detail: str) -> str:
        log.warning("%s: %s does not answer: %s", self._row.id, self.worker.name, detail)
        return f"The worker {self.worker.name} was lost"

    async def _clean_up(self, task: Any) -> None:
        if not task.done() and not self._gone:
            await self._kill(task)
        with suppress(OSError, TimeoutError):
            await self._client.cancel([task], force=True)
            # One that is silent is not waited for again: the run goes on elsewhere meanwhile, and
            # its child there ends by itself when nobody asks for it (`_ORPHANED_SECONDS`).
            if not self._gone and await self._link.is_known():
                await self._link.call(run_folder.release, self._row.id, self._row.attempt)


def _supervise(run_id: str, attempt: int) -> _Ended:
    """Trains the run whose files were sent to this worker before, and waits for its end."""
    from distributed import get_worker

    worker = get_worker()
    folder = run_folder.folder_of(worker, run_id, attempt)
    key = (run_id, attempt)
    process = _children[key] = forkserver.start(
        child.main, str(folder), _threads(worker), _NICENESS
    )
    try:
        if key in _doomed:
            process.kill()
        reason = _watch(process, RunFolder(folder))
    finally:
        del _children[key]
        _doomed.discard(key)
    return _Ended(process.exitcode or 0, reason)


@dataclass(frozen=True)
class _Ended:
    """The end of the child process.

    Attributes:
        exit_code: 0 for a good end, negative for a signal (-9: killed).
        reason: Why the supervisor killed it; empty where it did not.
    """

    exit_code: int
    reason: str = ""


def _kill(run_id: str, attempt: int = 0) -> None:
    """Kills the run's child: of one attempt, even if it comes to be only now, or of all (0)."""
    if attempt:
        _doomed.add((run_id, attempt))
    for (name, number), process in list(_children.items()):
        if name == run_id and attempt in (0, number):
            process.kill()


def _threads(worker: Any) -> int:
    """Each training gets its share of the cores; a local engine says how large that is."""
    threads = os.environ.get("FMNIST_THREADS")
    slots = max(1, int(worker.state.total_resources.get("train", 1)))
    return int(threads) if threads else max(1, (os.cpu_count() or 1) // slots)


def _watch(process: ForkServerProcess, folder: RunFolder) -> str:
    stop = _StopClock(folder)
    while process.is_alive():
        process.join(_STEP_SECONDS)
        reason = ""
        if stop.ignored():
            reason = f"did not react to stop within {_STOP_SECONDS:.0f} s"
        elif run_folder.seconds_since_asked(folder.path) > _ORPHANED_SECONDS:
            reason = "the engine has not asked for it any more"
        if reason:
            process.kill()
            process.join()
            return reason
    return ""


class _StopClock:
    """Detects that a request to stop has no effect for too long."""

    def __init__(self, folder: RunFolder) -> None:
        self._control = folder.control
        self._events = folder.events_path
        self._since: float | None = None
        self._offset = 0
        self._heard = False

    def ignored(self) -> bool:
        # Read before the request: the response comes after it.
        size = _size(self._events)
        if self._heard or not self._control.read().stop:
            self._offset = size
            return False
        if self._since is None:
            self._since = time.monotonic()
        events, self._offset = read_events(self._events, self._offset)
        self._heard = any(event["kind"] in ("phase", "end") for event in events)
        return not self._heard and time.monotonic() - self._since > _STOP_SECONDS


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0

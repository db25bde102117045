"""The Dask task that starts a run's child process and watches over it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from fmnist_core.engine import child, nursery, scratch
from fmnist_core.runs.events import read_events
from fmnist_core.runs.folder import RunFolder

# A child that was asked to stop begins to end within this time, or is killed.
STOP_SECONDS = 15.0
# An engine that asks nothing for so long is gone, and nobody would get the result.
FORGOTTEN_SECONDS = 60.0
_STEP_SECONDS = 0.25
# Pages come first on a machine they share with trainings; threads that prepare images inherit it.
_NICENESS = 10

_children: dict[tuple[str, int], ForkServerProcess] = {}
# Attempts that were ended, perhaps before their child was there.
_doomed: set[tuple[str, int]] = set()


@dataclass(frozen=True)
class Ended:
    """How the child process ended.

    Attributes:
        exit_code: 0 for a good end, negative for a signal (-9: killed).
        reason: Why the supervisor killed it; empty where it did not.
    """

    exit_code: int
    reason: str = ""


def supervise(run_id: str, attempt: int) -> Ended:
    """Trains the run whose files were sent to this worker before, and waits for its end."""
    from distributed import get_worker

    worker = get_worker()
    folder = scratch.folder_of(worker, run_id, attempt)
    key = (run_id, attempt)
    process = _children[key] = nursery.start(child.main, str(folder), _threads(worker), _NICENESS)
    try:
        if key in _doomed:
            process.kill()
        reason = _watch(process, RunFolder(folder))
    finally:
        del _children[key]
        _doomed.discard(key)
    return Ended(process.exitcode or 0, reason)


def kill(run_id: str, attempt: int = 0) -> None:
    """Kills the run's child: of one attempt, even if it comes to be only now, or of all (0)."""
    if attempt:
        _doomed.add((run_id, attempt))
    for (name, number), process in list(_children.items()):
        if name == run_id and attempt in (0, number):
            process.kill()


def _threads(worker: Any) -> int:
    """Each training gets its share of the cores; a local engine says how large that is."""
    told = os.environ.get("FMNIST_THREADS")
    slots = max(1, int(worker.state.total_resources.get("train", 1)))
    return int(told) if told else max(1, (os.cpu_count() or 1) // slots)


def _watch(process: ForkServerProcess, folder: RunFolder) -> str:
    stop = _StopClock(folder)
    while process.is_alive():
        process.join(_STEP_SECONDS)
        reason = ""
        if stop.ignored():
            reason = f"did not react to stop within {STOP_SECONDS:.0f} s"
        elif scratch.seconds_since_asked(folder.path) > FORGOTTEN_SECONDS:
            reason = "the engine has not asked for it any more"
        if reason:
            process.kill()
            process.join()
            return reason
    return ""


class _StopClock:
    """Tells when a wish to stop has gone unheard for too long."""

    def __init__(self, folder: RunFolder) -> None:
        self._control = folder.control
        self._events = folder.events_path
        self._since: float | None = None
        self._offset = 0
        self._heard = False

    def ignored(self) -> bool:
        # Before the wish is looked at: an answer can only come after it.
        size = _size(self._events)
        if self._heard or not self._control.read().stop:
            self._offset = size
            return False
        if self._since is None:
            self._since = time.monotonic()
        events, self._offset = read_events(self._events, self._offset)
        self._heard = any(event["kind"] in ("phase", "end") for event in events)
        return not self._heard and time.monotonic() - self._since > STOP_SECONDS


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0

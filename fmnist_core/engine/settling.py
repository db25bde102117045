"""The moment between a run's end and the engine letting go of it."""

from __future__ import annotations

import time

from fmnist_core.engine import presence
from fmnist_core.errors import RunBusyError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.index import RunIndex
from fmnist_core.settings import Settings

_SECONDS = 3.0


def wait_until_settled(folder: RunFolder, settings: Settings) -> None:
    """Returns when nobody works on the run; at once in nearly all cases.

    Raises:
        RunBusyError: It is being trained.
    """
    index = RunIndex(settings.index_path, settings.runs_dir)
    deadline = time.monotonic() + _SECONDS
    while folder.held or (presence.is_alive(settings) and in_hand(index, folder.id)):
        if folder.status.active or time.monotonic() > deadline:
            raise RunBusyError(
                "The run is being trained.", received=folder.id, advice="Stop it first."
            )
        time.sleep(0.02)


def in_hand(index: RunIndex, run_id: str) -> bool:
    """Whether the queue says that somebody trains the run."""
    row = index.get(run_id)
    return row is not None and row.state in ("running", "paused")

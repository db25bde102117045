"""The engine's connection to the scheduler and one worker; waiting until a run is settled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from fmnist_core.engine import lifecycle
from fmnist_core.errors import RunBusyError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.index import RunIndex
from fmnist_core.settings import Settings

_SECONDS = 3.0


# A worker that the scheduler still knows may be silent for so long before it counts as lost.
SILENCE_SECONDS = 10.0
# An answer that takes longer makes one ask whether the worker is still there.
_DOUBT_SECONDS = 0.5


async def known_workers(client: Any) -> dict[str, dict[str, Any]]:
    """The scheduler's information about each worker, by address.

    Raises:
        OSError, TimeoutError: The scheduler does not answer.
    """
    scheduler = _scheduler(client)
    facts = await asyncio.wait_for(scheduler.identity(), SILENCE_SECONDS)
    return dict(facts["workers"])


class WorkerLink:
    """Calls functions on one worker, beside and not behind its tasks."""

    def __init__(self, client: Any, address: str) -> None:
        self._client = client
        self.address = address

    async def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """The function's value on the worker.

        Raises:
            OSError: The worker or the scheduler is gone; also what the function itself raised.
            TimeoutError: It is still known to the scheduler, but silent for `SILENCE_SECONDS`.
        """
        _scheduler(self._client)
        call = asyncio.ensure_future(self._client.run(function, *arguments, workers=[self.address]))
        try:
            await self._wait(call)
            return call.result()[self.address]
        finally:
            call.cancel()

    async def is_known(self) -> bool:
        """Whether the scheduler is there and still counts the worker among its own."""
        try:
            return self.address in await known_workers(self._client)
        except (OSError, TimeoutError):
            return False

    async def _wait(self, call: asyncio.Future[Any]) -> None:
        # Dask tries for long to reach a worker that is gone; its scheduler knows at once.
        deadline = time.monotonic() + SILENCE_SECONDS
        while not call.done():
            await asyncio.wait({call}, timeout=_DOUBT_SECONDS)
            if call.done():
                return
            if not await self.is_known():
                raise OSError(f"The worker {self.address} is gone.")
            if time.monotonic() > deadline:
                raise TimeoutError(f"The worker {self.address} does not answer.")


def _scheduler(client: Any) -> Any:
    # Dask's client has no scheduler while it tries to reach a lost one again.
    if client.status != "running" or client.scheduler is None:
        raise ConnectionError("The scheduler does not answer.")
    return client.scheduler


def wait_until_idle(folder: RunFolder, settings: Settings) -> None:
    """Returns when nobody works on the run; at once in nearly all cases.

    Raises:
        RunBusyError: It is being trained.
    """
    index = RunIndex(settings.index_path, settings.runs_dir)
    deadline = time.monotonic() + _SECONDS
    while folder.held or (lifecycle.is_alive(settings) and is_assigned(index, folder.id)):
        if folder.status.active or time.monotonic() > deadline:
            raise RunBusyError(
                "The run is being trained.", received=folder.id, advice="Stop it first."
            )
        time.sleep(0.02)


def is_assigned(index: RunIndex, run_id: str) -> bool:
    """Whether a worker trains the run, according to the queue."""
    row = index.get(run_id)
    return row is not None and row.state in ("running", "paused")

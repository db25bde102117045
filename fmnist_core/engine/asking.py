"""How a question gets from this process to the warm worker."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from fmnist_core.engine import presence
from fmnist_core.engine.asked import AskedNetwork
from fmnist_core.engine.receiving import pieces
from fmnist_core.errors import EngineError, LabError
from fmnist_core.settings import Settings
from fmnist_core.surroundings import import_own_dask

_lock = threading.Lock()
_clients: dict[str, Any] = {}


class WarmWorker:
    """The worker that keeps networks warm, and the way to it."""

    def __init__(self, client: Any, address: str) -> None:
        self.client, self.address = client, address

    def call(self, wait: float, function: Callable[..., Any], *arguments: Any) -> Any:
        """The function's value there: called beside its tasks, so it is never behind one.

        Half the time of a task (9 ms for 15), since the scheduler has nothing to plan.

        Raises:
            TimeoutError: No answer within `wait` seconds.
        """
        return self.client.sync(self._call, wait, function, *arguments)

    async def _call(self, wait: float, function: Callable[..., Any], *arguments: Any) -> Any:
        asked = self.client.run(function, *arguments, workers=[self.address])
        return (await asyncio.wait_for(asked, wait))[self.address]

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """A task for what takes long: one at a time."""
        resources = {"interactive": 1}
        return self.client.submit(
            function, *arguments, workers=[self.address], resources=resources, pure=False
        )

    def ask_network(
        self, asked: AskedNetwork, wait: float, function: Callable[..., Any], *arguments: Any
    ) -> Any:
        """What `function(digest, …)` says there; the network is sent if it says None.

        Raises:
            EngineError: The worker has let go of it again: others ask about other networks.
            TimeoutError: No answer within `wait` seconds.
        """
        answer = self.call(wait, function, asked.digest, *arguments)
        if answer is None:
            self._send(asked, wait)
            answer = self.call(wait, function, asked.digest, *arguments)
        if answer is None:
            raise EngineError(
                "The engine is asked about too many networks at once.", advice="Ask again."
            )
        return answer

    def _send(self, asked: AskedNetwork, wait: float) -> None:
        from fmnist_core.engine import interactive

        for piece in pieces(asked.path.read_bytes()):
            self.call(wait, interactive.take_network, asked.digest, piece)


def with_worker(settings: Settings, ask: Callable[[WarmWorker], Any]) -> Any:
    """What `ask` finds out from the warm worker; an engine is started where there is none.

    Raises:
        EngineError: The engine does not answer, or has no such worker.
    """
    info = presence.ensure_engine(settings)
    try:
        client = _client(info.address, settings)
        return ask(WarmWorker(client, _warm_address(client)))
    except LabError:
        raise
    except Exception as error:
        # Dask raises many kinds; to the person they all mean that there is no answer.
        _forget(info.address)
        raise EngineError(
            "The engine gave no answer.",
            received=f"{type(error).__name__}: {str(error)[:200]}",
            advice="Try again; if it stays so, `python -m fmnist_core engine stop` and start.",
        ) from error


def _warm_address(client: Any) -> str:
    # Not `client.scheduler_info`: every few seconds the client itself asks for none of the workers,
    # and what it then hands out is whichever answer came last (distributed 2026.8.0).
    workers = client.sync(client.scheduler.identity, n_workers=-1)["workers"]
    found = sorted(
        address for address, facts in workers.items() if facts["resources"].get("interactive")
    )
    if not found:
        raise EngineError(
            "The engine has no worker for questions to trained networks.",
            advice='On a cluster, start one with `dask worker --resources "interactive=1" '
            "--preload fmnist_core.engine.preload`.",
        )
    return found[0]


def _client(address: str, settings: Settings) -> Any:
    with _lock:
        if address not in _clients:
            import_own_dask(settings)
            from distributed import Client

            # An engine that was started anew has another address.
            for old in list(_clients):
                _close(_clients.pop(old))
            _clients[address] = Client(address, timeout=5.0, set_as_default=False)
        return _clients[address]


def _forget(address: str) -> None:
    with _lock:
        if (client := _clients.pop(address, None)) is not None:
            _close(client)


def _close(client: Any) -> None:
    threading.Thread(target=lambda: client.close(timeout=1.0), daemon=True).start()

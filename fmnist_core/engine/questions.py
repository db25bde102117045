"""Questions to trained networks, answered by the warm worker that no training uses."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.engine import presence
from fmnist_core.engine.receiving import pieces
from fmnist_core.engine.settling import wait_until_settled
from fmnist_core.errors import EngineError, LabError, RunError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings

# The first question may find a worker that has yet to load Keras.
WAIT_SECONDS = 30.0
_EVALUATE_SECONDS = 300.0

_lock = threading.Lock()
_clients: dict[str, Any] = {}
_digests: dict[str, tuple[int, str]] = {}


def classify(
    run_id: str, images: NDArray[np.uint8], settings: Settings, *, wait: float = WAIT_SECONDS
) -> NDArray[np.float32]:
    """What a run's network says about images uint8 (n, 28, 28): probabilities float32 (n, 10).

    Raises:
        RunError: There is no such run, or it saved no network.
        EngineError: The engine does not answer within `wait` seconds.
    """
    folder = RunFolder.open(settings.runs_dir, run_id)
    if not folder.model_path.is_file():
        raise RunError("The run has saved no network yet.", received=run_id)
    digest = _digest(folder)

    def ask(client: Any, address: str) -> NDArray[np.float32]:
        from fmnist_core.engine import interactive

        question = (interactive.classify, digest, np.ascontiguousarray(images))
        answer = _ask(client, address, wait, *question)
        if answer is None:
            _send_network(client, address, wait, digest, folder.model_path.read_bytes())
            answer = _ask(client, address, wait, *question)
        return answer

    return _with_worker(settings, ask)


def evaluate_run(run_id: str, settings: Settings) -> None:
    """Judges a run anew from its saved weights; the figures are in its folder afterwards.

    Raises:
        RunError: There is no such run, it saved no weights, or it is being trained.
        NoDataError: The data it learned from is not here.
        EngineError: The engine does not answer.
    """
    folder = RunFolder.open(settings.runs_dir, run_id)

    def ask(client: Any, address: str) -> None:
        client.sync(_evaluate, client, address, folder, settings)

    wait_until_settled(folder, settings)
    with folder.hold():
        _with_worker(settings, ask)


async def _evaluate(client: Any, address: str, folder: RunFolder, settings: Settings) -> None:
    import asyncio
    import json
    import secrets

    from fmnist_core.engine import interactive, scratch
    from fmnist_core.engine.datasets import provide_dataset
    from fmnist_core.engine.link import WorkerLink
    from fmnist_core.engine.transfer import RunTransfer

    link = WorkerLink(client, address)
    # Any number that no attempt at training has: the folder must not be shared with one.
    attempt = 1_000_000 + secrets.randbelow(1_000_000)
    transfer = RunTransfer(link, folder, attempt)
    try:
        await provide_dataset(client, settings, folder.config.training.dataset, address)
        await transfer.send_all(json.dumps(folder.status.to_json()).encode())
        task = _submit(client, address, interactive.evaluate, folder.id, attempt)
        await asyncio.wait_for(task, _EVALUATE_SECONDS)
        while await transfer.bring():
            pass
    finally:
        await link.call(scratch.release, folder.id, attempt)


def _send_network(client: Any, address: str, wait: float, digest: str, content: bytes) -> None:
    from fmnist_core.engine import interactive

    for piece in pieces(content):
        _ask(client, address, wait, interactive.take_network, digest, piece)


def _ask(
    client: Any, address: str, wait: float, function: Callable[..., Any], *arguments: Any
) -> Any:
    return _submit(client, address, function, *arguments).result(timeout=wait)


def _submit(client: Any, address: str, function: Callable[..., Any], *arguments: Any) -> Any:
    return client.submit(
        function, *arguments, workers=[address], resources={"interactive": 1}, pure=False
    )


def _with_worker(settings: Settings, ask: Callable[[Any, str], Any]) -> Any:
    info = presence.ensure_engine(settings)
    try:
        client = _client(info.address)
        return ask(client, _interactive_worker(client))
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


def _interactive_worker(client: Any) -> str:
    workers = client.scheduler_info(n_workers=-1)["workers"]
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


def _client(address: str) -> Any:
    with _lock:
        if address not in _clients:
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


def _digest(folder: RunFolder) -> str:
    stamp = folder.model_path.stat().st_mtime_ns
    known = _digests.get(folder.id)
    if known is None or known[0] != stamp:
        digest = hashlib.sha256(folder.model_path.read_bytes()).hexdigest()
        known = _digests[folder.id] = (stamp, digest)
    return known[1]

"""Several machines for one lab: a scheduler of their own, and workers that join one from elsewhere.

Workers join the engine of a lab that lets them (`FMNIST_WORKERS_PORT`), or a scheduler that stands
by itself. They come back by themselves when it was away.
"""

from __future__ import annotations

import asyncio
import secrets
import signal
import socket
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from fmnist_core.engine.credentials import join_key, security, write_credentials
from fmnist_core.engine.server.service import configure_dask, worker_options
from fmnist_core.errors import EngineError
from fmnist_core.settings import Settings
from fmnist_core.subprocess_env import QUIET_DASK, import_own_dask

PORT = 8786
# Without an address of its own, Dask's web server would listen on every interface.
_QUIET: dict[str, Any] = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}
_ANSWER_SECONDS = 5.0
_RETRY_SECONDS = 2.0


def join_command(credentials: Path, host: str, port: int) -> str:
    """What to type on another machine, from a checkout of the same version, for it to join.

    Raises:
        EngineError: The credentials cannot be told in a word.
        OSError: They cannot be read.
    """
    return f"python -m fmnist_core engine worker {host}:{port} {join_key(credentials)}"


def serve_scheduler(settings: Settings, port: int, host: str) -> int:
    """Runs a scheduler until SIGTERM or Ctrl-C, with the credentials of `FMNIST_CREDENTIALS`.

    They are made where that file is missing.

    Raises:
        EngineError: There are no credentials, or the port is taken.
        StorageError: They cannot be written.
    """
    path = _named(settings)
    if not path.exists():
        write_credentials(path)
    here = replace(settings, scheduler=f"tls://127.0.0.1:{port}")
    _load_dask(here)
    asyncio.run(_serve_scheduler(here, port, join_command(path, host, port)))
    return 0


def serve_workers(settings: Settings, address: str, *, slots: int, questions: bool = False) -> int:
    """Runs workers for the scheduler at an address, until SIGTERM or Ctrl-C.

    `FMNIST_CREDENTIALS` names what they show it.

    Args:
        address: Such as `10.0.0.5:8786`.
        slots: Trainings at once.
        questions: Whether one more answers questions about trained networks.

    Raises:
        EngineError: There are no credentials, or none that count.
    """
    _named(settings)
    scheduler = f"tls://{address.removeprefix('tls://')}"
    there = replace(settings, scheduler=scheduler, slots=max(1, slots))
    # What is wrong with the credentials is said now.
    _load_dask(there)
    security(there)
    options = worker_options(there, questions=questions)
    if not slots:
        options.pop("training-1")
    asyncio.run(_serve_workers(there, scheduler, options))
    return 0


def _named(settings: Settings) -> Path:
    if settings.credentials is None:
        raise EngineError(
            "Machines of a cluster trust each other by credentials.",
            advice="Set FMNIST_CREDENTIALS to their file, or copy the whole command that the "
            "cluster's machine prints.",
        )
    return settings.credentials


def _load_dask(settings: Settings) -> None:
    # It is a cluster of the lab's own: a person's settings for others do not apply.
    import_own_dask(replace(settings, scheduler=None, credentials=None))
    import dask

    dask.config.refresh(paths=[], env=QUIET_DASK)
    settings.engine_dir.mkdir(parents=True, exist_ok=True)
    configure_dask(settings)


def _stopping() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _serve_scheduler(settings: Settings, port: int, command: str) -> None:
    from distributed import Scheduler

    stop = _stopping()
    try:
        async with Scheduler(host="", port=port, security=security(settings), **_QUIET):
            print(f"Workers join with\n  {command}", flush=True)
            await stop.wait()
    except OSError as error:
        raise EngineError(
            "The scheduler cannot listen there.", received=f"port {port} ({error})"
        ) from error


async def _serve_workers(
    settings: Settings, address: str, workers: dict[str, dict[str, Any]]
) -> None:
    stop = _stopping()
    said = ""
    while not stop.is_set():
        if await _answers(address, settings):
            said = _say(f"Joined {address}. Ctrl-C leaves it.")
            try:
                await _work(settings, address, workers, stop)
            # Dask says RuntimeError of whatever keeps a worker from starting.
            except (OSError, TimeoutError, RuntimeError) as error:
                said = _say(f"Workers could not begin: {error.__cause__ or error}. Trying again.")
        elif not said.startswith("No"):
            said = _say(
                f"No engine answers at {address}, or it has another key. It is asked again and "
                "again."
            )
        await _pause(stop)


async def _work(
    settings: Settings, address: str, workers: dict[str, dict[str, Any]], stop: asyncio.Event
) -> None:
    """Returns when it is to stop, or one of the workers has lost the scheduler."""
    from distributed import Nanny
    from distributed.utils import get_ip

    host, _, port = address.removeprefix("tls://").rpartition(":")
    # The scheduler may still remember those of before.
    place = f"{socket.gethostname()}-{secrets.token_hex(2)}"
    ends = [asyncio.create_task(stop.wait())]
    try:
        async with AsyncExitStack() as running:
            for name, options in workers.items():
                nanny = Nanny(
                    address,
                    name=f"{place}-{name}",
                    host=get_ip(host.strip("[]"), int(port)),
                    security=security(settings),
                    **_QUIET,
                    **options,
                )
                begun = await running.enter_async_context(nanny)
                ends.append(asyncio.create_task(begun.finished()))
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in ends:
            task.cancel()


async def _answers(address: str, settings: Settings) -> bool:
    from distributed.core import rpc

    arguments = security(settings).get_connection_args("worker")
    try:
        async with rpc(address, timeout=_ANSWER_SECONDS, connection_args=arguments) as there:
            await asyncio.wait_for(there.identity(), _ANSWER_SECONDS)
    except (OSError, TimeoutError):
        return False
    return True


async def _pause(stop: asyncio.Event) -> None:
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait([waiting], timeout=_RETRY_SECONDS)
    waiting.cancel()


def _say(text: str) -> str:
    print(text, file=sys.stderr, flush=True)
    return text

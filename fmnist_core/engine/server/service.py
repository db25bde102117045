"""The engine's own process: one at a time, detached from its starter."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from fmnist_core.engine import lifecycle
from fmnist_core.engine.credentials import renew_engine_credentials, security
from fmnist_core.errors import EngineError, LabError
from fmnist_core.settings import Settings

_LOOPBACK = "127.0.0.1"

_DASK = {
    # Workers start children of their own, which daemons may not.
    "distributed.worker.daemon": False,
    # What Dask measures about itself all the time would be taken from the trainings.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.tick.interval": "500ms",
    "distributed.comm.timeouts.connect": "10s",
    # Pages about the cluster, which every account of the machine could open.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


_CONNECT_SECONDS = 5.0
_RECONNECT_SECONDS = 2.0
_COUNT_SECONDS = 2.0

log = logging.getLogger(__name__)


def serve(settings: Settings) -> int:
    """Runs the engine until SIGTERM; the exit status is 0 also where one runs or none is wanted."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s", force=True)
    logging.getLogger("distributed").setLevel(logging.WARNING)
    with lifecycle.only_engine(settings) as alone:
        if not alone:
            return 0
        lifecycle.info_path(settings).unlink(missing_ok=True)
        # In this order: who stops it in between finds its process, or it finds the stop.
        lifecycle.write_process(settings)
        if lifecycle.halted_path(settings).exists():
            return 0
        try:
            asyncio.run(_serve(settings))
        except LabError as error:
            log.error("%s", error)
            lifecycle.write_failure(settings, error)
            return 1
        except Exception as error:
            log.exception("The engine ended.")
            lifecycle.write_failure(settings, _own(error))
            return 1
        finally:
            lifecycle.info_path(settings).unlink(missing_ok=True)
    return 0


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    first = True
    while not stop.is_set():
        try:
            async with _connected(settings) as client:
                first = False
                await _dispatch(client, settings, stop)
        except (OSError, TimeoutError) as error:
            if first:
                raise _unreachable(settings, error) from error
            log.warning("The connection to the scheduler was lost: %s", error)
            await asyncio.sleep(_RECONNECT_SECONDS)


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[Any]:

    configure_dask(settings)
    from distributed import Client

    if settings.scheduler:
        async with Client(
            settings.scheduler,
            asynchronous=True,
            set_as_default=False,
            timeout=_CONNECT_SECONDS,
            security=security(settings),
        ) as client:
            yield client
        return
    async with (
        await _start_cluster(settings) as local,
        Client(local, asynchronous=True, set_as_default=False) as client,
    ):
        yield client


async def _dispatch(client: Any, settings: Settings, stop: asyncio.Event) -> None:
    from fmnist_core.engine.server.dispatcher import Dispatcher
    from fmnist_core.engine.server.sweep_driver import SweepDriver

    dispatcher = Dispatcher(client, settings)
    info = lifecycle.EngineInfo(
        pid=os.getpid(),
        address=client.scheduler.address,
        started=time.time(),
        slots=settings.slots,
        workers=0,
        port=0 if settings.scheduler else settings.workers_port,
    )
    info = await _counted(dispatcher, settings, info)
    lifecycle.forget_failure(settings)
    counting = asyncio.create_task(_keep_counting(dispatcher, settings, info, stop))
    sweeping = asyncio.create_task(SweepDriver(settings).run(stop))
    try:
        await dispatcher.run(stop)
    finally:
        counting.cancel()
        sweeping.cancel()


async def _keep_counting(
    dispatcher: Any, settings: Settings, info: lifecycle.EngineInfo, stop: asyncio.Event
) -> None:
    while True:
        await asyncio.sleep(_COUNT_SECONDS)
        if not lifecycle.is_own(settings):
            log.warning("The lab's folder was deleted or replaced: the engine ends.")
            stop.set()
            return
        try:
            # Whoever of the two is killed is started again by the other one.
            if not lifecycle.halted_path(settings).exists():
                lifecycle.start_supervisor(settings)
            info = await _counted(dispatcher, settings, info)
        except (LabError, OSError, TimeoutError) as error:
            log.warning("Workers could not be counted: %s", error)


async def _counted(
    dispatcher: Any, settings: Settings, info: lifecycle.EngineInfo
) -> lifecycle.EngineInfo:
    workers = await dispatcher.workers()
    joined = settings.scheduler or settings.workers_port
    slots = sum(workers.values()) if joined else settings.slots
    now = replace(info, workers=len(workers), slots=slots)
    if now != info or not lifecycle.info_path(settings).exists():
        lifecycle.write_info(settings, now)
    return now


def _own(error: Exception) -> EngineError:
    # Dask says that something "failed to start", and only in the causes of that, why.
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__) is not None and cause not in causes:
        causes.append(cause)
    said = " Because: ".join(f"{type(one).__name__}: {one}" for one in (error, *causes[1:][-1:]))
    return EngineError(f"It ended with an error of its own: {said.rstrip('.')}.")


def _unreachable(settings: Settings, error: Exception) -> EngineError:
    if settings.scheduler is None:
        return EngineError("The local engine could not be set up.", received=str(error))
    return EngineError(
        "No Dask scheduler answers at the address in FMNIST_SCHEDULER.",
        received=settings.scheduler,
        advice="Start `dask scheduler` there, or unset FMNIST_SCHEDULER. With tls:// it must be "
        "started with the credentials that FMNIST_CREDENTIALS names.",
    )


def configure_dask(settings: Settings) -> None:
    """Dask's settings for the engine's process and, through it, for local workers."""
    import dask

    dask.config.set({**_DASK, "temporary-directory": str(_scratch(settings))})


async def _start_cluster(settings: Settings) -> Any:
    """A running `SpecCluster` whose workers advertise `train` or `interactive`."""
    from distributed import Nanny, Scheduler, SpecCluster

    renew_engine_credentials(settings)
    workers = {
        name: {"cls": Nanny, "options": {**options, **_private(settings)}}
        for name, options in worker_options(settings).items()
    }
    return await SpecCluster(
        workers=workers,
        scheduler={"cls": Scheduler, "options": _scheduler(settings)},
        security=security(settings),
        asynchronous=True,
        name="fmnist-lab",
    )


def worker_options(settings: Settings, *, questions: bool = True) -> dict[str, dict[str, Any]]:
    """Of a machine's workers, by name, for Dask's `Nanny`: one for each slot, and for questions."""
    threads = max(1, (os.cpu_count() or 1) // max(1, settings.slots))
    kinds = {f"training-{number + 1}": ("train", threads) for number in range(settings.slots)}
    if questions:
        kinds["interactive"] = ("interactive", 1)
    return {
        name: {
            "nthreads": 1,
            "resources": {resource: 1},
            "memory_limit": 0,
            "local_directory": str(_scratch(settings)),
            "preload": ["fmnist_core.engine.worker.preload"],
            "env": {"FMNIST_THREADS": str(own)},
        }
        for name, (resource, own) in kinds.items()
    }


def _scheduler(settings: Settings) -> dict[str, Any]:
    if not settings.workers_port:
        return _private(settings)
    # On all addresses, which change when a laptop is carried about; what runs here stays here.
    here = f"tls://{_LOOPBACK}:{settings.workers_port}"
    return {
        **_private(settings),
        "host": "",
        "port": settings.workers_port,
        "contact_address": here,
    }


def _scratch(settings: Settings) -> Path:
    return settings.engine_dir / "scratch"


def _private(settings: Settings) -> dict[str, Any]:
    # Without an address of its own, Dask's web server would listen on every interface.
    local = {"host": _LOOPBACK, "dashboard": False, "dashboard_address": f"{_LOOPBACK}:0"}
    return {**local, "security": security(settings)}

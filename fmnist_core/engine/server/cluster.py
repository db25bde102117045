"""The local Dask cluster, loopback only: a worker for each slot, and one for questions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from fmnist_core.settings import Settings

LOOPBACK = "127.0.0.1"

_DASK = {
    # Workers start children of their own, which daemons may not.
    "distributed.worker.daemon": False,
    # What Dask measures about itself all the time would be taken from the trainings.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.tick.interval": "500ms",
    "distributed.comm.timeouts.connect": "10s",
}


def configure(settings: Settings) -> None:
    """Dask's settings for the engine's process and, through it, for local workers."""
    import dask

    dask.config.set({**_DASK, "temporary-directory": str(_scratch(settings))})


async def start_cluster(settings: Settings) -> Any:
    """A running `SpecCluster` whose workers advertise `train` or `interactive`."""
    from distributed import Nanny, Scheduler, SpecCluster

    threads = max(1, (os.cpu_count() or 1) // settings.slots)
    trainers = {
        f"training-{number + 1}": _worker(Nanny, settings, "train", threads)
        for number in range(settings.slots)
    }
    return await SpecCluster(
        workers={**trainers, "interactive": _worker(Nanny, settings, "interactive", 1)},
        scheduler={"cls": Scheduler, "options": _quiet_and_local()},
        asynchronous=True,
        name="fmnist-lab",
    )


def _worker(kind: Any, settings: Settings, resource: str, threads: int) -> dict[str, Any]:
    options = {
        **_quiet_and_local(),
        "nthreads": 1,
        "resources": {resource: 1},
        "memory_limit": 0,
        "local_directory": str(_scratch(settings)),
        "preload": ["fmnist_core.engine.worker.preload"],
        "env": {"FMNIST_THREADS": str(threads)},
    }
    return {"cls": kind, "options": options}


def _scratch(settings: Settings) -> Path:
    return settings.engine_dir / "scratch"


def _quiet_and_local() -> dict[str, Any]:
    # Without an address of its own, Dask's web server would listen on every interface.
    return {"host": LOOPBACK, "dashboard": False, "dashboard_address": f"{LOOPBACK}:0"}

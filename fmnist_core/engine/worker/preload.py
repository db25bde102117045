"""Makes a Dask worker ready for the lab. A local engine does so by itself; on a cluster, `dask
worker --preload fmnist_core.engine.worker.preload` with more that docs/cluster.md tells.

A worker that offers the resource `train` gets a fork server with Keras loaded, at once. One
that offers `interactive` loads Keras into itself a little later, since a person who presses
Train right after the start should not wait for that.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import time
from typing import Any

from fmnist_core.engine.worker import forkserver
from fmnist_core.errors import EngineError

INTERACTIVE_DELAY_SECONDS = 20.0


def dask_setup(worker: Any) -> None:
    """Called by Dask when the worker starts."""
    # Dask logs every call at this level, and the engine calls five times a second.
    logging.getLogger("distributed.worker").setLevel(logging.WARNING)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    resources = worker.state.total_resources
    if resources.get("train"):
        _check_may_have_children()
        forkserver.prepare_beside()
    if resources.get("interactive"):
        # Only here: workers that train need nothing of it.
        import fmnist_core.engine.inference  # noqa: F401

        threading.Thread(target=_warm_later, name="warm", daemon=True).start()


def _check_may_have_children() -> None:
    if multiprocessing.current_process().daemon:
        raise EngineError(
            "A worker that trains must be allowed to start processes.",
            advice="Set DASK_DISTRIBUTED__WORKER__DAEMON=False before `dask worker`.",
        )


def _warm_later() -> None:
    time.sleep(INTERACTIVE_DELAY_SECONDS)
    from fmnist_core.engine.inference.model_cache import warm_shipped

    warm_shipped()

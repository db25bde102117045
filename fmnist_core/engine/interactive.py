"""Trained networks kept warm in a worker that no training uses. Runs in that worker.

What is asked here is called beside the worker's tasks, in threads, so that nobody who draws has
to wait until somebody's run is evaluated.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from collections import OrderedDict
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.engine import scratch
from fmnist_core.engine.receiving import Piece, take_piece
from fmnist_core.errors import LabError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from fmnist_core.shipped import SHIPPED_NETWORKS, shipped_model_path

# The two shipped ones, and some that people compare them with.
KEPT = 6
_networks: OrderedDict[str, Any] = OrderedDict()
_lock = threading.RLock()


def warm() -> None:
    """Loads Keras into this process (some seconds, once)."""
    # Questions are small, and trainings need the cores more.
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "2")
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
    import fmnist_core.training.finish  # noqa: F401


def warm_shipped() -> None:
    """Lets the shipped networks answer once, so that the first real question finds them ready."""
    for digest in _shipped():
        score_now(digest, np.zeros((1, 28, 28), np.uint8))


async def take_network(digest: str, piece: Piece, dask_worker: Any = None) -> None:
    """Takes one piece of the file of a network; keeps the last few networks.

    Raises:
        OSError: A piece before this one is missing.
        TrainingError: The file is no network.
    """
    path = Path(dask_worker.local_directory) / "networks" / f"{digest}.keras"
    await asyncio.to_thread(_take_network, digest, path, piece)


async def score(digest: str, images: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """Raw scores float32 (n, classes); None where the network was not sent yet."""
    return await asyncio.to_thread(score_now, digest, images)


def score_now(digest: str, images: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """`score`, in the thread that asks."""
    warm()
    from fmnist_core.explain.scores import scores

    with _lock:
        found = network(digest)
        return None if found is None else scores(found, images)


def network(digest: str) -> Any | None:
    """The network whose file has this SHA-256, if it was sent or is a shipped one."""
    with _lock:
        if digest not in _networks and (path := _shipped().get(digest)):
            _keep(digest, path)
        if digest in _networks:
            _networks.move_to_end(digest)
        return _networks.get(digest)


def evaluate(run_id: str, attempt: int) -> None:
    """Judges the run whose files were sent to this worker before; a task."""
    from distributed import get_worker

    warm()
    from fmnist_core.training.finish import evaluate_run_folder

    folder = scratch.folder_of(get_worker(), run_id, attempt)
    evaluate_run_folder(RunFolder(folder), settings=load_settings())


def _take_network(digest: str, path: Path, piece: Piece) -> None:
    with _lock:
        if take_piece(path, piece):
            try:
                _keep(digest, path)
            finally:
                path.unlink()


def _keep(digest: str, path: Path) -> None:
    warm()
    from fmnist_core.model.build import load_model

    _networks[digest] = load_model(path)
    while len(_networks) > KEPT:
        _networks.popitem(last=False)


def _shipped() -> dict[str, Path]:
    """This machine's own copies of the shipped networks, by their digests."""
    found = {}
    for network in SHIPPED_NETWORKS:
        with suppress(LabError, FileNotFoundError):
            path = shipped_model_path(network)
            found[_digest(path, path.stat().st_mtime_ns)] = path
    return found


@lru_cache(maxsize=len(SHIPPED_NETWORKS))
def _digest(path: Path, stamp: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

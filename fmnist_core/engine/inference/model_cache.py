"""Trained networks kept warm in a worker that no training uses, and the one call that asks them.

What is asked here is called beside the worker's tasks, in threads, so that nobody who draws has
to wait until somebody's run is evaluated.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.engine.chunks import Chunk, receive_chunk
from fmnist_core.errors import LabError
from fmnist_core.runs.pretrained import SHIPPED_NETWORKS, ModelRef
from fmnist_core.settings import load_settings

# The two shipped ones, and some that people compare them with.
KEPT = 6

_networks: OrderedDict[str, Any] = OrderedDict()
_lock = threading.RLock()


class NotSentError(Exception):
    """The worker lacks a network: its client sends it and asks again."""


@dataclass(frozen=True)
class LoadedModel:
    """The network that a question is about, in the worker.

    Attributes:
        digest: Of its file (SHA-256).
        dataset: The data set that it learned from.
    """

    digest: str
    dataset: str

    @property
    def network(self) -> Any:
        """The Keras model; a question that never reads it does not need it sent."""
        found = network(self.digest)
        if found is None:
            raise NotSentError
        return found

    def scores(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Raw scores float32 (n, outputs) of images uint8 (n, s, s), one batch at a time."""
        with _lock:
            from fmnist_core.models.features import scores

            return scores(self.network, images)


async def take_network(digest: str, chunk: Chunk, dask_worker: Any = None) -> None:
    """Receives one chunk of a network's file; keeps the last few networks.

    Raises:
        OSError: A piece before this one is missing.
        TrainingError: The file is no network.
    """
    path = Path(dask_worker.local_directory) / "networks" / f"{digest}.keras"
    await asyncio.to_thread(_take_network, digest, path, chunk)


def warm() -> None:
    """Loads Keras into this process (some seconds, once)."""
    # Questions are small, and trainings need the cores more.
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "2")
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
    import fmnist_core.training.evaluate  # noqa: F401


def warm_shipped() -> None:
    """Runs the shipped networks once, so that the first real prediction is fast."""
    warm()
    for digest in _shipped():
        LoadedModel(digest, "").scores(np.zeros((1, 28, 28), np.uint8))


def network(digest: str) -> Any | None:
    """The network whose file has this SHA-256, if it was sent or is a shipped one."""
    with _lock:
        if digest not in _networks and (path := _shipped().get(digest)):
            _keep(digest, path)
        if digest in _networks:
            _networks.move_to_end(digest)
        return _networks.get(digest)


def _take_network(digest: str, path: Path, chunk: Chunk) -> None:
    with _lock:
        if receive_chunk(path, chunk):
            try:
                _keep(digest, path)
            finally:
                path.unlink()


def _keep(digest: str, path: Path) -> None:
    warm()
    from fmnist_core.models.build import load_model

    _networks[digest] = load_model(path)
    while len(_networks) > KEPT:
        _networks.popitem(last=False)


def _shipped() -> dict[str, Path]:
    """This machine's own copies of the shipped networks, by their digests."""
    found = {}
    for name in SHIPPED_NETWORKS:
        with suppress(LabError, FileNotFoundError):
            ref = ModelRef.open(name, load_settings())
            found[ref.digest] = ref.path
    return found

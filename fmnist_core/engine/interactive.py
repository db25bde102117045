"""Trained networks kept warm in a worker that no training uses. Runs in that worker."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.engine import scratch
from fmnist_core.engine.receiving import Piece, take_piece
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings

_KEPT = 4
_networks: OrderedDict[str, Any] = OrderedDict()
_lock = threading.Lock()


def warm() -> None:
    """Loads Keras into this process (some seconds, once)."""
    # Questions are small, and trainings need the cores more.
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "2")
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
    import fmnist_core.training.finish  # noqa: F401


def take_network(digest: str, piece: Piece) -> None:
    """Takes one piece of the file of a network; keeps the last few networks.

    Raises:
        OSError: A piece before this one is missing.
    """
    from distributed import get_worker

    path = Path(get_worker().local_directory) / "networks" / f"{digest}.keras"
    with _lock:
        if take_piece(path, piece):
            _keep(digest, path)


def _keep(digest: str, path: Path) -> None:
    warm()
    from fmnist_core.training.finish import load_model

    try:
        _networks[digest] = load_model(path)
    finally:
        path.unlink()
    while len(_networks) > _KEPT:
        _networks.popitem(last=False)


def classify(digest: str, images: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """Probabilities float32 (n, classes); None where the network was not sent yet."""
    warm()
    from fmnist_core.training.finish import predict

    with _lock:
        network = _networks.get(digest)
        if network is None:
            return None
        _networks.move_to_end(digest)
        return predict(network, images)


def evaluate(run_id: str, attempt: int) -> None:
    """Judges the run whose files were sent to this worker before."""
    from distributed import get_worker

    warm()
    from fmnist_core.training.finish import evaluate_run_folder

    folder = scratch.folder_of(get_worker(), run_id, attempt)
    evaluate_run_folder(RunFolder(folder), settings=load_settings())

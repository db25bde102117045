"""Trained networks kept warm in a worker that no training uses. Runs in that worker."""

from __future__ import annotations

import os
import tempfile
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.engine import scratch
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings

_KEPT = 4
_networks: OrderedDict[str, Any] = OrderedDict()
_lock = threading.Lock()
_pieces: dict[str, bytearray] = {}


def warm() -> None:
    """Loads Keras into this process (some seconds, once)."""
    # Questions are small, and trainings need the cores more.
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "2")
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
    import fmnist_core.training.finish  # noqa: F401


def take_network(digest: str, piece: bytes, more: bool) -> None:
    """Takes one piece of the file of a network; keeps the last few networks."""
    with _lock:
        content = _pieces.setdefault(digest, bytearray())
        content += piece
        if not more:
            _networks[digest] = _read(bytes(_pieces.pop(digest)))
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


def _read(content: bytes) -> Any:
    warm()
    from fmnist_core.training.finish import load_model

    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "model.keras"
        path.write_bytes(content)
        return load_model(path)

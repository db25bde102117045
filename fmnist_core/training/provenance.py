"""What a result was made with, for whoever wants to make it again."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version
from typing import Any

from fmnist_core import __version__
from fmnist_core.config import TrainConfig
from fmnist_core.data.dataset import DataIdentity
from fmnist_core.lab_keras import keras
from fmnist_core.training.dropped import Dropped

_PACKAGES = ("keras", "tensorflow", "numpy", "scikit-learn")


def provenance(
    data: DataIdentity,
    training: TrainConfig,
    collections: dict[str, str],
    dropped: Dropped | None = None,
) -> dict[str, Any]:
    """Versions, machine, precision, data, seed, collections, and which images were left out.

    All are plain JSON values.
    """
    return {
        "lab": __version__,
        "python": sys.version.split()[0],
        "packages": {name: version(name) for name in _PACKAGES},
        "backend": keras.backend.backend(),
        "machine": platform.machine(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "data": data.to_json(),
        "collections": collections,
        "dropped": {"images": len(dropped.indices), "digest": dropped.digest} if dropped else None,
        "seed": training.seed,
        "precision": training.precision,
    }

"""Which network a question is about: its file, and what is needed to understand its scores."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fmnist_core.data import FASHION_MNIST
from fmnist_core.errors import RunError
from fmnist_core.recognition.verdict import Calibration
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings
from fmnist_core.shipped import (
    SHIPPED_NETWORKS,
    shipped_calibration,
    shipped_mirrored,
    shipped_model_path,
)


@dataclass(frozen=True)
class AskedNetwork:
    """A network as the lab knows it.

    Attributes:
        path: Its file here.
        digest: The file's SHA-256: workers know networks by it.
        calibration: How far its scores can be believed.
        dataset: Which images it learned from.
        mirrored: Whether it is asked about an image and its mirror image.
    """

    path: Path
    digest: str
    calibration: Calibration
    dataset: str
    mirrored: bool = False


def asked_network(model: str, settings: Settings) -> AskedNetwork:
    """The network called `model`: one of the two shipped ones, or that of a run.

    Raises:
        RunError: There is no such run, it saved no network, or the shipped one is missing.
    """
    if model in SHIPPED_NETWORKS:
        path, calibration = shipped_model_path(model), shipped_calibration(model)
        mirrored = shipped_mirrored(model)
        return AskedNetwork(path, digest_of(path), calibration, FASHION_MNIST, mirrored)
    folder = RunFolder.open(settings.runs_dir, model)
    path = folder.model_path
    if not path.is_file():
        raise RunError("The run has saved no network yet.", received=model)
    training = folder.config.training
    return AskedNetwork(
        path, digest_of(path), folder.calibration, training.dataset, training.flip_at_test
    )


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, computed anew only when the file changed.

    Raises:
        OSError: It is not there.
    """
    facts = path.stat()
    return _digest_of(path, facts.st_mtime_ns, facts.st_ino)


@lru_cache(maxsize=64)
def _digest_of(path: Path, stamp: int, inode: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

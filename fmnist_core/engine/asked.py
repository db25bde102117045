"""Which network a question is about: its file, and what is needed to understand its scores."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
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
        fitted: Reads how far its scores can be believed, which not every question needs.
        dataset: Which images it learned from.
        mirrored: Whether it is asked about an image and its mirror image.
    """

    path: Path
    digest: str
    fitted: Callable[[], Calibration]
    dataset: str
    mirrored: bool = False

    @property
    def calibration(self) -> Calibration:
        """How far its scores can be believed.

        Raises:
            CalibrationError: It cannot be read.
        """
        return self.fitted()


def asked_network(model: str, settings: Settings) -> AskedNetwork:
    """The network called `model`: one of the two shipped ones, or that of a run.

    Raises:
        RunError: There is no such run, it saved no network, or the shipped one is missing.
    """
    if model in SHIPPED_NETWORKS:
        path, of_shipped = shipped_model_path(model), partial(shipped_calibration, model)
        mirrored = shipped_mirrored(model)
        return AskedNetwork(path, digest_of(path), of_shipped, FASHION_MNIST, mirrored)
    folder = RunFolder.open(settings.runs_dir, model)
    path = folder.model_path
    if not path.is_file():
        raise RunError("The run has saved no network yet.", received=model)
    training = folder.config.training

    def fitted() -> Calibration:
        return folder.calibration

    return AskedNetwork(path, digest_of(path), fitted, training.dataset, training.flip_at_test)


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

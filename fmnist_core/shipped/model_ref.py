"""A trained network by its name: a run's identifier, or the name of a shipped network."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from fmnist_core.config import TrainConfig
from fmnist_core.data.dataset import FASHION_MNIST
from fmnist_core.errors import RunError
from fmnist_core.recognition.verdict import Calibration
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings
from fmnist_core.shipped.asset import (
    SHIPPED_NETWORKS,
    shipped_calibration,
    shipped_mirrored,
    shipped_model_path,
)
from fmnist_core.shipped.judgement import folder_of


@dataclass(frozen=True)
class ModelRef:
    """A saved network, and what is needed to read its scores.

    Attributes:
        name: A run's identifier, or `"shipped-everyday"` or `"shipped-catalogue"`.
        folder: The run's folder, or the one with a shipped network's evaluation.
        path: The network's file.
    """

    name: str
    folder: RunFolder
    path: Path

    @classmethod
    def open(cls, name: str, settings: Settings) -> ModelRef:
        """The network of this name.

        Raises:
            RunError: There is no such run, it saved no network, or the shipped one is missing.
        """
        folder = folder_of(name, settings)
        path = shipped_model_path(name) if name in SHIPPED_NETWORKS else folder.model_path
        if not path.is_file():
            raise RunError("The run has saved no network yet.", received=name)
        return cls(name, folder, path)

    @property
    def shipped(self) -> bool:
        """Whether it came with the lab."""
        return self.name in SHIPPED_NETWORKS

    @property
    def digest(self) -> str:
        """The file's SHA-256, by which workers know the network; read only when it changed.

        Raises:
            OSError: The file is gone.
        """
        facts = self.path.stat()
        return _sha256(self.path, facts.st_mtime_ns, facts.st_ino)

    @property
    def calibration(self) -> Calibration:
        """How its scores become probabilities; fitted on no images where that was not done.

        Raises:
            CalibrationError: It cannot be read.
        """
        return shipped_calibration(self.name) if self.shipped else self.folder.calibration

    @property
    def dataset(self) -> str:
        """The data set it learned from."""
        return FASHION_MNIST if self.shipped else self._training.dataset

    @property
    def flip_at_test(self) -> bool:
        """Whether it is asked about an image and its mirror image (test-time augmentation)."""
        return shipped_mirrored(self.name) if self.shipped else self._training.flip_at_test

    @cached_property
    def _training(self) -> TrainConfig:
        return self.folder.config.training


@lru_cache(maxsize=64)
def _sha256(path: Path, stamp: int, inode: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

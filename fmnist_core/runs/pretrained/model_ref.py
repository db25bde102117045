"""A trained network by its name, a run or a shipped one; and which network answers an image."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.config import TrainConfig
from fmnist_core.datasets.dataset import FASHION_MNIST
from fmnist_core.errors import RunError
from fmnist_core.models.calibration import CalibratedPredictions, Calibration
from fmnist_core.preprocessing.resize import fit_to
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained.asset import (
    SHIPPED,
    SHIPPED_CATALOGUE,
    SHIPPED_EVERYDAY,
    SHIPPED_NETWORKS,
    folder_of,
    shipped_calibration,
    shipped_input_side,
    shipped_mirrored,
    shipped_model_path,
)
from fmnist_core.settings import Settings

_BRIGHT = 252

_FAINT = (1, 3)

# Differences between a pixel and the one below it that are shading: no noise, and no edge.
_SHADED = (3, 7)

_SHADED_SHARE = 0.01


_Images = NDArray[np.uint8]

_Places = NDArray[np.intp]


@dataclass(frozen=True)
class ModelRef:
    """A saved network, and what is needed to read its scores.

    Attributes:
        name: A run's identifier, `"shipped-everyday"` or `"shipped-catalogue"`, or, of a run that
            was opened by its folder, the folder's absolute path.
        folder: The run's folder, or the one with a shipped network's evaluation.
        path: The network's file.
    """

    name: str
    folder: RunFolder
    path: Path

    @classmethod
    def open(cls, model: str | Path, settings: Settings) -> ModelRef:
        """The network of this name, or of the run in this folder.

        Raises:
            RunError: There is no such run, it saved no network, or the shipped one is missing.
        """
        folder = folder_of(model, settings)
        # A whole path is never the name of a shipped network.
        name = str(folder.path) if isinstance(model, Path) else model
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
        """Its calibration, which may be fitted on no images.

        Raises:
            CalibrationError: It cannot be read.
        """
        return shipped_calibration(self.name) if self.shipped else self.folder.calibration

    @property
    def dataset(self) -> str:
        """The data set it learned from."""
        return FASHION_MNIST if self.shipped else self._training.dataset

    @property
    def input_side(self) -> int:
        """Pixels a side of the image that it reads."""
        if self.shipped:
            return shipped_input_side(self.name)
        return self.folder.config.model.input_side

    @property
    def test_time_flip(self) -> bool:
        """Whether it is asked about an image and its mirror image (test-time augmentation)."""
        return shipped_mirrored(self.name) if self.shipped else self._training.test_time_flip

    @cached_property
    def _training(self) -> TrainConfig:
        return self.folder.config.training


@lru_cache(maxsize=64)
def _sha256(path: Path, stamp: int, inode: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def predictions_of(
    model: str, images: _Images, ask: Callable[[str, _Images], CalibratedPredictions]
) -> CalibratedPredictions:
    """Predictions of `model` for images uint8 (n, s, s), each by the network it belongs to.

    Args:
        model: `"shipped"`, one network of it, or a run's identifier.
        ask: Given a network's name and images uint8 (m, s, s), what that network says.
    """
    parts = split(model, images)
    if len(parts) == 1:
        return ask(parts[0][0], images)
    return merged([(places, ask(network, images[places])) for network, places in parts])


def split(model: str, images: _Images) -> list[tuple[str, _Places]]:
    """The networks that answer, each with the places of its images; at least one network."""
    if model != SHIPPED:
        return [(model, np.arange(len(images)))]
    # The traces are those of images at the side of the data set.
    own = from_data_set(fit_to(images, IMAGE_SIDE))
    parts = [(SHIPPED_EVERYDAY, np.flatnonzero(~own)), (SHIPPED_CATALOGUE, np.flatnonzero(own))]
    return [part for part in parts if len(part[1])] or parts[:1]


def merged(parts: Sequence[tuple[_Places, CalibratedPredictions]]) -> CalibratedPredictions:
    """Answers in the order of the images; the places of all parts together are 0 to n-1."""
    order = np.argsort(np.concatenate([places for places, _ in parts]))
    several = [answers for _, answers in parts]
    by = [name for answers in several for name in answers.answered_by]
    return CalibratedPredictions(
        np.concatenate([answers.probabilities for answers in several])[order],
        np.concatenate([answers.clothing for answers in several])[order],
        np.concatenate([answers.is_clothing for answers in several])[order],
        tuple(by[place] for place in order),
        np.concatenate([answers.other_clothing for answers in several])[order],
        np.concatenate([answers.is_other_clothing for answers in several])[order],
    )


def from_data_set(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which images are Fashion-MNIST's own, by traces of how those were made.

    The rule: some pixel is 252 or brighter, and either some pixel is from 1 to 3, or more than 1 %
    of the pixels differ by 3 to 7 from the one below. The data set's images were stretched until
    their brightest pixel is near white, their sharpening left a faint halo on the black ground
    (arXiv 1708.07747, section 2), and their cloth is softly shaded. What `inputs.prepare` makes of
    other pictures hardly ever has these traces together: drawings have one filling, photos stay
    darker.

    Shares that count as the data set's own: 0.9996 of its 10 000 test images and 0.91 of them saved
    as JPEG; of other pictures, prepared: drawings 0.006, line icons 0.008, solid icons 0.015, phone
    photos 0.014, colour emoji 0.021. Synthetic garments: 0.28.

    Args:
        images: uint8 (n, 28, 28).

    Returns:
        bool (n,).
    """
    bright = np.any(images >= _BRIGHT, axis=(1, 2))
    faint = np.any((images >= _FAINT[0]) & (images <= _FAINT[1]), axis=(1, 2))
    return bright & (faint | _softly_shaded(images))


def _softly_shaded(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    steps = np.abs(np.diff(images.astype(np.int16), axis=1))
    shaded = (steps >= _SHADED[0]) & (steps <= _SHADED[1])
    return shaded.mean(axis=(1, 2)) > _SHADED_SHARE

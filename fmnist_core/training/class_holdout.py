"""The training images that a class holds back: nobody's run learns from them, nobody sees them.

Which they are follows from the class's secret. Each run that the class begins says so in its
configuration, whatever a request asked for; runs that were begun otherwise are not compared.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fmnist_core.atomic_files import write_bytes
from fmnist_core.classroom import Classroom
from fmnist_core.config import ClassHoldoutConfig, RunConfig
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.split import TRAIN_IMAGES, class_holdout
from fmnist_core.settings import Settings

# 2,000 of 60,000: 95 % intervals of 1.2 points at 92 %.
_SHARE = 30


def holdout_of_class(dataset: str, settings: Settings) -> ClassHoldoutConfig:
    """What the class of this lab holds back of a data set; nothing outside class mode.

    Raises:
        ClassError: The class has lost its secret.
    """
    if not settings.in_class or not (here := Classroom(settings)).there:
        return ClassHoldoutConfig()
    return ClassHoldoutConfig(TRAIN_IMAGES[dataset] // _SHARE, here.seed(f"holdout {dataset}"))


def for_class(config: RunConfig, settings: Settings) -> RunConfig:
    """The configuration as a run of this lab has it: in class mode, with what the class holds back.

    Outside class mode as it was saved, such as that of a run of an earlier class.

    Raises:
        ClassError: The class has lost its secret.
    """
    holdout = holdout_of_class(config.training.dataset, settings)
    if not holdout.active or config.training.class_holdout == holdout:
        return config
    return replace(config, training=replace(config.training, class_holdout=holdout))


def note_begun(run_id: str, config: RunConfig, settings: Settings) -> None:
    """Notes that the class began this run itself: what is imported could claim anything.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    if config.training.class_holdout.active:
        write_bytes(_begun(run_id, settings), b"")


def begun_in_class(run_id: str, settings: Settings) -> bool:
    """Whether the class began this run itself."""
    return _begun(run_id, settings).is_file()


def _begun(run_id: str, settings: Settings) -> Path:
    return settings.home / "class" / "begun" / run_id


def hidden_images(data: Dataset, settings: Settings) -> NDArray[np.intp]:
    """Sorted indices of the training images whose labels nobody in the class is to see.

    Raises:
        ClassError: The class has lost its secret.
    """
    holdout = holdout_of_class(data.identity.name, settings)
    return _hidden(_Labels(data), holdout) if holdout.active else np.zeros(0, np.intp)


class _Labels:
    """Labels as a key of a cache: those of one data set are the same."""

    def __init__(self, data: Dataset) -> None:
        self.labels, self._fingerprint = data.train.labels, data.identity.fingerprint

    def __hash__(self) -> int:
        return hash(self._fingerprint)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Labels) and other._fingerprint == self._fingerprint


@lru_cache(maxsize=4)
def _hidden(labels: _Labels, holdout: ClassHoldoutConfig) -> NDArray[np.intp]:
    found = class_holdout(labels.labels, holdout)
    found.flags.writeable = False
    return found

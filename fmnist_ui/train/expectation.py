"""What to expect of a configuration before it is trained: size, memory, time."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.config import RunConfig, TrainConfig
from fmnist_core.data.catalogue import OFFICIAL
from fmnist_core.data.dataset import FASHION_MNIST
from fmnist_core.model.cost import (
    ModelSummary,
    check_memory,
    seconds_per_epoch,
    summarise,
    training_bytes,
)

_TRAIN_IMAGES = {FASHION_MNIST: OFFICIAL.train_images.shape[0]}
_SYNTHETIC_IMAGES = 12_000


@dataclass(frozen=True)
class Expectation:
    """A network's table, and what training it takes (bytes, seconds; both estimates)."""

    summary: ModelSummary
    memory_bytes: int
    seconds_per_epoch: float


def expect(config: RunConfig) -> Expectation:
    """Arithmetic only, in about a millisecond.

    Raises:
        ArchitectureError: The network cannot be built or would not fit.
    """
    training = config.training
    summary = summarise(config.model)
    check_memory(summary, training.batch_size)
    return Expectation(
        summary,
        training_bytes(summary, training.batch_size),
        seconds_per_epoch(summary, training_images(training), training.batch_size),
    )


def training_images(training: TrainConfig) -> int:
    """Images that are learnt from in each epoch, without those held back."""
    present = _TRAIN_IMAGES.get(training.dataset, _SYNTHETIC_IMAGES)
    chosen = min(training.train_images or present, present)
    return max(1, round(chosen * (1 - training.validation_share)))


def steps_per_epoch(training: TrainConfig) -> int:
    """Steps that one epoch takes, the last one perhaps on a smaller batch."""
    return -(-training_images(training) // training.batch_size)

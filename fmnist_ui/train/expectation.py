"""What to expect of a configuration before it is trained: size, memory, time."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.config import RunConfig, TrainConfig
from fmnist_core.data.counts import count_images
from fmnist_core.model import ModelSummary, check_run, seconds_per_epoch, training_bytes


@dataclass(frozen=True)
class Expectation:
    """A network's table, and what training it takes (bytes, seconds; both estimates)."""

    summary: ModelSummary
    memory_bytes: int
    seconds_per_epoch: float


def expect(config: RunConfig) -> Expectation:
    """Arithmetic only, in about a millisecond.

    Raises:
        ArchitectureError, ConfigError: It cannot be trained; the engine would say the same.
    """
    training = config.training
    summary = check_run(config)
    return Expectation(
        summary,
        training_bytes(summary, training.batch_size),
        seconds_per_epoch(summary, training_images(training), training.batch_size),
    )


def training_images(training: TrainConfig) -> int:
    """Images that are learnt from in each epoch, without those held back."""
    return count_images(training).train


def steps_per_epoch(training: TrainConfig) -> int:
    """Steps that one epoch takes, the last one perhaps on a smaller batch."""
    return count_images(training).steps(training.batch_size)

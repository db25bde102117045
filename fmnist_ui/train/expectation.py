"""What to expect of a configuration before it is trained: size, memory, time."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.config import RunConfig
from fmnist_core.model import ModelSummary, check_run, training_bytes
from fmnist_core.runs.expected import expected_epoch_seconds, machine_is_measured


@dataclass(frozen=True)
class Expectation:
    """A network's table, and what training it takes (bytes, seconds; both estimates).

    Attributes:
        measured: Whether the seconds are this machine's; else a fast one's.
    """

    summary: ModelSummary
    memory_bytes: int
    seconds_per_epoch: float
    measured: bool


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
        expected_epoch_seconds(config, summary),
        machine_is_measured(),
    )

"""How long a remedy will take, from how long the run took."""

from __future__ import annotations

from fmnist_core.config import RunConfig
from fmnist_core.model import summarise
from fmnist_core.runs.expected import expected_epoch_seconds
from fmnist_core.runs.status import RunStatus


def expected_seconds(remedy: RunConfig, base: RunConfig, status: RunStatus) -> float:
    """Seconds on the machine that trained `base`: its own epochs, times what the network grew.

    A base that completed no epoch says nothing; then arithmetic alone does.

    Raises:
        ArchitectureError, ConfigError: One of the two cannot be trained.
    """
    epochs = remedy.training.epochs
    if not status.epoch or status.seconds <= 0:
        return epochs * _by_arithmetic(remedy)
    grown = _by_arithmetic(remedy) / _by_arithmetic(base)
    return epochs * grown * status.seconds / status.epoch


def _by_arithmetic(config: RunConfig) -> float:
    return expected_epoch_seconds(config, summarise(config.model))

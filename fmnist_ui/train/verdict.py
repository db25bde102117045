"""Whether what stands on the form can be trained, and what to expect of it."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.config import RunConfig
from fmnist_core.errors import LabError
from fmnist_core.models import ModelSummary, training_bytes
from fmnist_core.runs.expected import expected_epoch_seconds, machine_is_measured
from fmnist_core.settings import load_settings
from fmnist_core.training.check import check_run, check_trainable
from fmnist_ui.train import draft


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


@dataclass(frozen=True)
class Verdict:
    """The form's configuration with its expectation, or the rule that it breaks.

    Attributes:
        config: None where a field breaks its rule.
        expectation: None where the network cannot be built.
        error: What is wrong; None when the run can start.
    """

    config: RunConfig | None = None
    expectation: Expectation | None = None
    error: LabError | None = None


def judge() -> Verdict:
    """Builds the configuration as the engine would; arithmetic only, so at every rerun."""
    config: RunConfig | None = None
    expectation: Expectation | None = None
    try:
        config = RunConfig.from_json(draft.collect())
        expectation = expect(config)
        check_trainable(config, load_settings())
    except LabError as error:
        return Verdict(config, expectation, error)
    return Verdict(config, expectation)


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

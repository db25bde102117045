"""All rules, one after another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fmnist_core.config import RunConfig
from fmnist_core.diagnosis.evidence import Evidence, Finding
from fmnist_core.diagnosis.fit import overfitting, too_small
from fmnist_core.diagnosis.layers import dead_units, vanishing_gradients
from fmnist_core.diagnosis.noise import label_noise
from fmnist_core.diagnosis.rate import rate_too_high, rate_too_low
from fmnist_core.runs.history import History
from fmnist_core.traces import Trace

Rule = Callable[[Evidence], Finding | None]

# A network that has another trouble is not called too small for it.
_RULES: tuple[Rule, ...] = (
    rate_too_high,
    rate_too_low,
    vanishing_gradients,
    dead_units,
    label_noise,
    overfitting,
)


@dataclass(frozen=True)
class Diagnosis:
    """What was found, the gravest first.

    Attributes:
        looked: What could be looked at, in words; a sentence that says what could not.
    """

    findings: tuple[Finding, ...]
    looked: str

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(finding.kind for finding in self.findings)


def diagnose(history: History, trace: Trace, config: RunConfig | None = None) -> Diagnosis:
    """Holds a run against seven rules with fixed thresholds, which each finding names.

    They were set on trainings of 2 000 to 6 000 images that were made to go wrong, and on healthy
    ones beside them (`tests/core/diagnosis`). A run that still trains is judged as it stands.

    Args:
        history: The run's diary.
        trace: Its snapshots; rules that need them find nothing without.
        config: Its configuration, if it can be read.
    """
    evidence = Evidence(history, trace, config)
    found = [finding for rule in _RULES if (finding := rule(evidence))]
    if not found and (small := too_small(evidence)):
        found = [small]
    return Diagnosis(tuple(found), _looked(history, trace))


def _looked(history: History, trace: Trace) -> str:
    if trace.snapshots and history.epochs_done:
        return "Rate, fit, layers and labels look healthy in the curves and in all snapshots."
    if history.epochs_done:
        return "Only the curves could be looked at: there are no snapshots of layers and labels."
    if trace.snapshots:
        return "No epoch is complete yet: only the first snapshots could be looked at."
    return "Nothing could be looked at yet."

"""A finding, and the evidence that all rules use."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass

from fmnist_core.classes import CLASS_COUNT
from fmnist_core.config import RunConfig
from fmnist_core.runs.history import EpochPoint, History
from fmnist_core.runs.trace import LayerState, Snapshot, Trace

# Cross-entropy of a uniform guess among ten classes, nats.
GUESSING = math.log(CLASS_COUNT)


@dataclass(frozen=True)
class Finding:
    """One problem of a training.

    Attributes:
        kind: `rate_too_high`, `rate_too_low`, `overfitting`, `dead_units`, `vanishing_gradients`,
            `label_noise` or `too_small`.
        claim: The problem, a sentence.
        evidence: The figures that show it, with the threshold.
        advice: What to try.
        since: The time of the problem, in epochs done.
    """

    kind: str
    claim: str
    evidence: str
    advice: str
    since: float = 0.0


@dataclass(frozen=True)
class Evidence:
    """The input of a rule.

    Attributes:
        history: Curves, and how the run ended.
        trace: The snapshots; perhaps none.
        config: None if it cannot be read.
    """

    history: History
    trace: Trace
    config: RunConfig | None

    @property
    def epochs(self) -> tuple[EpochPoint, ...]:
        return self.history.epochs_done

    @property
    def last(self) -> Snapshot | None:
        """The latest snapshot after some learning."""
        learned = [one for one in self.trace.snapshots if one.epochs > 0]
        return learned[-1] if learned else None

    @property
    def has_teacher(self) -> bool:
        """Whether the training loss includes a teacher, so that it has no fixed scale."""
        return self.config is not None and self.config.training.distillation.active

    def strongest_update(self) -> float | None:
        """The largest of the snapshots' typical update ratios (median over layers)."""
        ratios = [self._typical(one) for one in self.trace.snapshots]
        return max((ratio for ratio in ratios if ratio is not None), default=None)

    @staticmethod
    def _typical(snapshot: Snapshot) -> float | None:
        found = layer_values(snapshot, lambda layer: layer.update_ratio)
        return statistics.median(found) if found else None


def layer_values(snapshot: Snapshot, figure: Callable[[LayerState], float | None]) -> list[float]:
    """A statistic of all layers that have it."""
    values = (figure(layer) for layer in snapshot.layers)
    return [value for value in values if value is not None]

"""Diagnoses a training: rules for overfitting, learning rate, dead units and noisy labels."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fmnist_core.classes import CLASS_COUNT
from fmnist_core.config import RunConfig
from fmnist_core.errors import ArchitectureError
from fmnist_core.models.cost import summarise
from fmnist_core.runs.history import EpochPoint, History
from fmnist_core.runs.trace import LayerFacts, LayerState, Snapshot, Trace

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


# What validation loss may rise above its lowest before it is called more than chance.
_RISE = 1.1

_LATER_EPOCHS = 2

# With a tenth of the images a healthy training leaves validation some 11 points behind.
_LAG = 0.15

_WEAK, _GAP, _FLAT = 0.8, 0.03, 0.05

_FEW_PARAMETERS = 10_000

_EPOCHS_TO_JUDGE = 3


@dataclass(frozen=True)
class Diagnosis:
    """Findings, the most serious first.

    Attributes:
        evidence: The records that the diagnosis is based on, a sentence.
    """

    findings: tuple[Finding, ...]
    evidence: str

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(finding.kind for finding in self.findings)


def diagnose(history: History, trace: Trace, config: RunConfig | None = None) -> Diagnosis:
    """Checks a run against seven rules with fixed thresholds, which each finding names.

    They were set on trainings of 2 000 to 6 000 images that were made to go wrong, and on healthy
    ones beside them (`tests/core/evaluation`). A run may still be training.

    Args:
        history: Of the run.
        trace: Its snapshots; rules that need them find nothing without.
        config: Its configuration, if it can be read.
    """
    evidence = Evidence(history, trace, config)
    found = [finding for rule in _RULES if (finding := rule(evidence))]
    if not found and (small := _too_small(evidence)):
        found = [small]
    return Diagnosis(tuple(found), _evidence(history, trace))


def _evidence(history: History, trace: Trace) -> str:
    if trace.snapshots and history.epochs_done:
        return "Rate, fit, layers and labels look healthy in the curves and in all snapshots."
    if history.epochs_done:
        return "Only the curves were checked: there are no snapshots of layers and labels."
    if trace.snapshots:
        return "No epoch is complete yet: only the first snapshots were checked."
    return "There are no records to check yet."


def overfitting(evidence: Evidence) -> Finding | None:
    """Validation loss rises while training loss falls, or accuracy stays far behind."""
    return _validation_rises(evidence) or _validation_lags(evidence)


# A loss three times that of guessing is far beyond what a fresh network begins with.
_BLOWN_UP = 3 * GUESSING

# Steps of a healthy training are around a thousandth of the weights' length; one of a fiftieth
# throws a network about.
_WILD = 0.02

_TIMID = 3e-4

_NOTHING_LEARNED = 0.2

# Only what has hardly begun to learn is too slow: fine-tuning takes small steps on purpose.
_HALFWAY = GUESSING / 2


def _rate_too_high(evidence: Evidence) -> Finding | None:
    """A loss that became NaN or blew up, or wild steps after which the network only guesses."""
    because = _nan(evidence) or _blown_up(evidence) or _thrown_off(evidence)
    if not because:
        return None
    return Finding(
        "rate_too_high",
        "The learning rate is too high: updates overshoot.",
        because,
        f"Try {_times(evidence, 0.1)}, a warm-up, or batch normalization.",
    )


def _rate_too_low(evidence: Evidence) -> Finding | None:
    """Tiny steps, and a loss still above half of that of guessing."""
    update, epochs = evidence.strongest_update(), evidence.epochs
    if update is None or not epochs or evidence.has_teacher or not _rate_was_full(evidence):
        return None
    last = epochs[-1]
    if update >= _TIMID or last.loss <= _HALFWAY:
        return None
    return Finding(
        "rate_too_low",
        "The learning rate is too low: the weights hardly change.",
        f"A step changed a layer's weights by at most {100 * update:.2g}% (healthy: about 0.1%, "
        f"limit: {100 * _TIMID:g}%), and after {last.epoch} epochs the training loss is still "
        f"{last.loss:.2f}; guessing costs {GUESSING:.2f}.",
        f"Try {_times(evidence, 10)} or more.",
    )


# Up to some four tenths are seen in trainings that go well: a unit may wait for a rare pattern.
_DEAD = 0.5

# Of two units, one that is dead is no sign of anything.
_UNITS = 8

# The gradients of a healthy first layer are at least as large as those of the last one.
_VANISHED = 1e-3


def _dead_units(evidence: Evidence) -> Finding | None:
    """Half of a layer's units or more are 0 on every image of the fixed batch."""
    last = evidence.last
    if last is None:
        return None
    pairs = zip(evidence.trace.layers, last.layers, strict=True)
    dead = [
        (facts, state.dead_share)
        for facts, state in pairs
        if facts.units >= _UNITS and (state.dead_share or 0) >= _DEAD
    ]
    if not dead:
        return None
    named = ", ".join(
        f"{round((share or 0) * facts.units)} of {facts.units} in {facts.name}"
        for facts, share in dead
    )
    return Finding(
        "dead_units",
        "Many units are dead: they are 0 whatever the image shows.",
        f"{named} gave 0 on every image of a fixed batch (limit: {_DEAD:.0%} of a layer).",
        "A lower learning rate, leaky ReLU, or a narrower layer.",
        since=_since(evidence, {facts.name for facts, _ in dead}),
    )


def _vanishing_gradients(evidence: Evidence) -> Finding | None:
    """In the first epoch the first layer's gradients are at most a thousandth of the last one's."""
    early = [one for one in evidence.trace.snapshots if one.epochs <= 1]
    ratios = [ratio for one in early if (ratio := _gradient_ratio(evidence.trace.layers, one))]
    if not ratios or (typical := statistics.median(ratios)) > _VANISHED:
        return None
    first, last = evidence.trace.layers[0].name, evidence.trace.layers[-1].name
    return Finding(
        "vanishing_gradients",
        "Gradients vanish on their way to the first layers, which then hardly learn.",
        f"A weight of {first} had {typical:.0e} times the gradient of one of {last} in the first "
        f"epoch (limit: {_VANISHED:.0e}).",
        "ReLU in place of sigmoid, batch normalization, residual links, or fewer layers.",
    )


# Below, cells are too empty; and a network that hardly learned errs everywhere.
_IMAGES, _ACCURACY = 200, 0.3

_SCATTERED = 0.03


def _label_noise(evidence: Evidence) -> Finding | None:
    """Mistakes lie in all cells of the matrix, also between garments that nothing has in common.

    Honest mistakes gather in a few cells, such as Shirt and T-shirt; wrong labels fall anywhere.
    So the rarer half of the cells tells how many there are, at least.
    """
    last = evidence.last
    if last is None or last.images < _IMAGES or last.accuracy < _ACCURACY:
        return None
    cells = np.sort(last.confusion[~np.eye(len(last.confusion), dtype=bool)])
    share = 2 * int(cells[: len(cells) // 2].sum()) / last.images
    if share < _SCATTERED:
        return None
    return Finding(
        "label_noise",
        f"Some labels seem to be wrong, at least {share:.0%} of them.",
        f"Mistakes are scattered: the rarer half of all confusions, between garments that look "
        f"nothing alike, makes up {share / 2:.1%} of the {last.images:,} images at "
        f"{last.epochs:g} epochs (limit: {_SCATTERED / 2:.1%}).",
        "Search for label issues and exclude those that are mislabeled, or use label smoothing.",
        since=last.epochs,
    )


Rule = Callable[[Evidence], Finding | None]

# A network that has another trouble is not called too small for it.
_RULES: tuple[Rule, ...] = (
    _rate_too_high,
    _rate_too_low,
    _vanishing_gradients,
    _dead_units,
    _label_noise,
    overfitting,
)


def _gradient_ratio(layers: tuple[LayerFacts, ...], one: Snapshot) -> float | None:
    """First layer's gradients over the last one's; None without any, or where units are dead."""
    if any((state.dead_share or 0) >= _DEAD for state in one.layers):
        return None
    first = _gradient_per_weight(layers[0], one.layers[0])
    last = _gradient_per_weight(layers[-1], one.layers[-1])
    return first / last if first is not None and last else None


def _gradient_per_weight(facts: LayerFacts, state: LayerState) -> float | None:
    """Of a typical weight: the root of the mean square."""
    norm = state.gradient_norm
    return None if norm is None else norm / math.sqrt(facts.weights)


def _since(evidence: Evidence, names: set[str]) -> float:
    """The first snapshot after which one of the layers stays dead."""
    places = [index for index, one in enumerate(evidence.trace.layers) if one.name in names]
    since = 0.0
    for one in reversed(evidence.trace.snapshots):
        if all((one.layers[place].dead_share or 0) < _DEAD for place in places):
            break
        since = one.epochs
    return since


def _nan(evidence: Evidence) -> str:
    end = evidence.history.end
    if end is None or end.state != "failed" or "NaN" not in end.error:
        return ""
    return "The loss became NaN: numbers grew beyond what can be counted."


def _blown_up(evidence: Evidence) -> str:
    peak = max(evidence.history.batches, key=lambda point: point.loss, default=None)
    if peak is None or evidence.has_teacher or not peak.loss > _BLOWN_UP:
        return ""
    return (
        f"At {peak.x:.1f} epochs the training loss rose to {peak.loss:.3g}; guessing costs "
        f"{GUESSING:.2f} (limit: {_BLOWN_UP:.1f})."
    )


def _thrown_off(evidence: Evidence) -> str:
    update, epochs = evidence.strongest_update(), evidence.epochs
    if update is None or not epochs or update < _WILD:
        return ""
    last = epochs[-1]
    if last.accuracy > _NOTHING_LEARNED or last.loss < 0.95 * GUESSING:
        return ""
    return (
        f"A step changed a layer's weights by {100 * update:.2g}% (healthy: about 0.1%, limit: "
        f"{100 * _WILD:g}%), and after {last.epoch} epochs only {last.accuracy:.0%} are "
        "correct."
    )


def _rate_was_full(evidence: Evidence) -> bool:
    """Whether a schedule that begins low has come near the rate that was asked for."""
    if evidence.config is None or evidence.history.end is not None:
        return True
    asked = evidence.config.training.learning_rate
    return any(point.learning_rate >= asked / 2 for point in evidence.history.batches)


def _times(evidence: Evidence, factor: float) -> str:
    if evidence.config is None:
        return "a rate ten times " + ("larger" if factor > 1 else "smaller")
    return f"a rate of {evidence.config.training.learning_rate * factor:.2g}"


def _validation_rises(evidence: Evidence) -> Finding | None:
    evaluated = [point for point in evidence.epochs if point.val_loss is not None]
    if not evaluated:
        return None
    best = min(evaluated, key=lambda point: point.val_loss or 0.0)
    low, last = best.val_loss or 0.0, evaluated[-1]
    recent = [point.val_loss or 0.0 for point in evaluated[-_LATER_EPOCHS:]]
    grown = last.epoch - best.epoch >= _LATER_EPOCHS and min(recent) > _RISE * low
    if not grown or last.loss >= best.loss:
        return None
    return _overfitting(
        best.epoch,
        f"Validation loss rose from {low:.3f} to {last.val_loss:.3f} (limit: {_RISE - 1:.0%} "
        f"more), while training loss fell from {best.loss:.3f} to {last.loss:.3f}.",
    )


def _validation_lags(evidence: Evidence) -> Finding | None:
    evaluated = [point for point in evidence.epochs if point.val_accuracy is not None]
    since = None
    for point in reversed(evaluated):
        if point.accuracy - (point.val_accuracy or 0.0) < _LAG:
            break
        since = point
    if since is None or evaluated[-1].epoch - since.epoch < _LATER_EPOCHS - 1:
        return None
    last = evaluated[-1]
    return _overfitting(
        since.epoch,
        f"{last.accuracy:.1%} of the training images are correct, but only "
        f"{last.val_accuracy:.1%} of the validation images (limit: {100 * _LAG:.0f} points "
        "behind).",
    )


def _overfitting(epoch: int, because: str) -> Finding:
    return Finding(
        "overfitting",
        f"Overfitting since epoch {epoch}: the network memorizes its training images.",
        because,
        "More images, augmentation, dropout or early stopping; weights 'best' keep the best epoch.",
        since=float(epoch),
    )


def _too_small(evidence: Evidence) -> Finding | None:
    """Few parameters, and training and validation both come to rest at a low accuracy."""
    epochs = evidence.epochs
    parameters = _parameters(evidence)
    if len(epochs) < _EPOCHS_TO_JUDGE or parameters is None or parameters >= _FEW_PARAMETERS:
        return None
    before, last = epochs[-2], epochs[-1]
    reached = max(last.accuracy, last.val_accuracy or 0.0)
    behind = last.accuracy - (last.accuracy if last.val_accuracy is None else last.val_accuracy)
    if reached >= _WEAK or behind > _GAP or last.loss < (1 - _FLAT) * before.loss:
        return None
    return Finding(
        "too_small",
        "The model is too small for these images.",
        f"With {parameters:,} parameters it reaches {reached:.0%} after {last.epoch} epochs "
        f"(limit: {_WEAK:.0%}). It underfits: training accuracy is no better, and the last epoch "
        f"lowered the loss only from {before.loss:.3f} to {last.loss:.3f}.",
        "More filters, another block, or a wider dense layer.",
    )


def _parameters(evidence: Evidence) -> int | None:
    if evidence.config is None:
        return None
    try:
        return summarise(evidence.config.model).parameters
    except ArchitectureError:
        return None

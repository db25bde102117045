"""The learning rate: too high, or too low."""

from __future__ import annotations

from fmnist_core.diagnosis.evidence import GUESSING, Evidence, Finding

# A loss three times that of guessing is far beyond what a fresh network begins with.
_BLOWN_UP = 3 * GUESSING
# Steps of a healthy training are around a thousandth of the weights' length; one of a fiftieth
# throws a network about.
_WILD = 0.02
_TIMID = 3e-4
_NOTHING_LEARNED = 0.2
# Only what has hardly begun to learn is too slow: fine-tuning takes small steps on purpose.
_HALFWAY = GUESSING / 2


def rate_too_high(evidence: Evidence) -> Finding | None:
    """A loss that became NaN or blew up, or wild steps after which the network only guesses."""
    because = _nan(evidence) or _blown_up(evidence) or _thrown_off(evidence)
    if not because:
        return None
    return Finding(
        "rate_too_high",
        "The learning rate is too high: steps jump over what they aim for.",
        because,
        f"Try {_times(evidence, 0.1)}, a warm-up, or batch normalisation.",
    )


def rate_too_low(evidence: Evidence) -> Finding | None:
    """Tiny steps, and a loss still above half of that of guessing."""
    update, epochs = evidence.strongest_update(), evidence.epochs
    if update is None or not epochs or evidence.taught or not _rate_was_full(evidence):
        return None
    last = epochs[-1]
    if update >= _TIMID or last.loss <= _HALFWAY:
        return None
    return Finding(
        "rate_too_low",
        "The learning rate is too low: the network hardly moves.",
        f"A step changed a layer's weights by at most {100 * update:.2g} % (healthy: about 0.1 %, "
        f"limit: {100 * _TIMID:g} %), and after {last.epoch} epochs the training loss is still "
        f"{last.loss:.2f}; guessing costs {GUESSING:.2f}.",
        f"Try {_times(evidence, 10)} or more.",
    )


def _nan(evidence: Evidence) -> str:
    end = evidence.history.end
    if end is None or end.state != "failed" or "NaN" not in end.error:
        return ""
    return "The loss became NaN: numbers grew beyond what can be counted."


def _blown_up(evidence: Evidence) -> str:
    peak = max(evidence.history.batches, key=lambda point: point.loss, default=None)
    if peak is None or evidence.taught or not peak.loss > _BLOWN_UP:
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
        f"A step changed a layer's weights by {100 * update:.2g} % (healthy: about 0.1 %, limit: "
        f"{100 * _WILD:g} %), and after {last.epoch} epochs only {last.accuracy:.0%} are "
        "recognised."
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

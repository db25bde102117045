"""What another temperature would make of stored probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fmnist_core.errors import DataError
from fmnist_core.evaluation.predictions import Predictions
from fmnist_core.evaluation.reliability import calibration_error
from fmnist_core.recognition.verdict import softmax

# Scores so low that their probability was stored as 0 count as the least one there is.
_LEAST = float(np.finfo(np.float32).tiny)


def at_temperature(said: Predictions, temperature: float) -> Predictions:
    """The predictions with all scores divided by `temperature` (Guo et al., arXiv 1706.04599, 4.2).

    The logarithm of a probability is its score up to a constant, which the softmax takes away.
    Above 1 a network becomes less sure, below 1 more; the best class stays the same.

    Args:
        temperature: Above 0.

    Raises:
        DataError: A temperature that is not above 0.
    """
    if not 0 < temperature < float("inf"):
        raise DataError("A temperature is a number above 0.", received=temperature)
    if temperature == 1:
        return said
    scores = np.log(np.maximum(said.probabilities.astype(np.float64), _LEAST))
    return Predictions(softmax(scores / temperature).astype(np.float32), said.labels)


@dataclass(frozen=True)
class Tempered:
    """How believable predictions are at one temperature.

    Attributes:
        loss: Mean cross-entropy in nats.
        error: Expected calibration error, 0 to 1.
    """

    temperature: float
    loss: float
    error: float


def temperature_sweep(said: Predictions, temperatures: Sequence[float]) -> tuple[Tempered, ...]:
    """Loss and calibration error at each of `temperatures`, all above 0."""
    return tuple(_tempered(at_temperature(said, value), value) for value in temperatures)


def _tempered(said: Predictions, temperature: float) -> Tempered:
    return Tempered(temperature, said.loss, calibration_error(said))

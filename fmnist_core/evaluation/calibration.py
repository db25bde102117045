"""Calibration: reliability diagram, expected calibration error, temperature, selective prediction.

Selective prediction answers only above a confidence: fewer answers, fewer errors (risk-coverage).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import DataError
from fmnist_core.evaluation.class_report import Share, share_of
from fmnist_core.evaluation.confidence_interval import wilson
from fmnist_core.evaluation.predictions import Predictions
from fmnist_core.models.calibration import softmax


@dataclass(frozen=True)
class Bin:
    """Images whose best class was given about the same probability.

    Attributes:
        low, high: The bin's limits, 0 to 1; `high` belongs to it.
        images: At least 1.
        confidence: Mean probability of the best class.
        accuracy: Share that was right.
        interval: 95 % confidence interval of the accuracy (Wilson).
    """

    low: float
    high: float
    images: int
    confidence: float
    accuracy: float
    interval: tuple[float, float]

    @property
    def off(self) -> bool:
        """Whether word and deed differ by more than chance."""
        return not self.interval[0] <= self.confidence <= self.interval[1]


_COVERAGE_RESAMPLES = 400

# Scores so low that their probability was stored as 0 count as the least one there is.
_LEAST = float(np.finfo(np.float32).tiny)

BINS = 15
_RESAMPLES = 1000


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """Accuracy among the answers given, for every least confidence that is asked for.

    Attributes:
        thresholds: float64 (k,), falling; each distinct confidence once.
        coverage: float64 (k,), the share of images that is answered at it; the last is 1.
        accuracy: float64 (k,), the share of these that is right.
        aurc: Mean share of errors over all coverages, 0 to 1; the less, the better
            (Geifman & El-Yaniv, arXiv 1805.08206, section 2).
        images: The sample size.
    """

    thresholds: NDArray[np.float64]
    coverage: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    aurc: float
    images: int


@dataclass(frozen=True)
class SelectiveAccuracy:
    """Coverage and accuracy with abstention below a confidence threshold."""

    coverage: Share
    accuracy: Share


@dataclass(frozen=True)
class TemperatureLoss:
    """Loss and calibration error of predictions at one temperature.

    Attributes:
        loss: Mean cross-entropy in nats.
        error: Expected calibration error, 0 to 1.
    """

    temperature: float
    loss: float
    error: float


@dataclass(frozen=True)
class Reliability:
    """Expected calibration error.

    Attributes:
        error: 0 to 1: by how much stated confidence and accuracy differ on average, over 15
            equally wide bins of confidence (Guo et al., arXiv 1706.04599, equation 3).
        interval: 95 % confidence interval: basic bootstrap over images. Not the
            percentile one, since drawing anew adds noise, and noise only ever adds to this error.
        images: The sample size.
    """

    error: float
    interval: tuple[float, float]
    images: int


def reliability(said: Predictions, *, seed: int = 0) -> Reliability:
    """The expected calibration error of calibrated or uncalibrated predictions.

    Raises:
        DataError: No images.
    """
    if not len(said):
        raise DataError("Calibration needs one or more images.")
    bins, gaps = _gaps(said)
    error = _error(bins, gaps)
    random = np.random.default_rng(seed)
    drawn = [_drawn(bins, gaps, random) for _ in range(_RESAMPLES)]
    low, high = np.quantile(drawn, (0.025, 0.975))
    limits = max(0.0, 2 * error - float(high)), min(1.0, 2 * error - float(low))
    return Reliability(error, (min(limits[0], error), max(limits[1], error)), len(said))


def calibration_error(said: Predictions) -> float:
    """The same error without its interval, a hundred times as fast."""
    return _error(*_gaps(said))


def bin_numbers(confidence: NDArray[np.float64]) -> NDArray[np.int64]:
    """The bin of each confidence (n,) from 0 to 1, int64 (n,)."""
    # 1 belongs to the last bin, 0 to the first.
    return np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)


def _gaps(said: Predictions) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    confidence = said.probabilities.max(axis=1).astype(np.float64)
    return bin_numbers(confidence), said.right - confidence


def _drawn(
    bins: NDArray[np.int64], gaps: NDArray[np.float64], random: np.random.Generator
) -> float:
    chosen = random.integers(0, len(bins), len(bins))
    return _error(bins[chosen], gaps[chosen])


def _error(bins: NDArray[np.int64], gaps: NDArray[np.float64]) -> float:
    sums = np.bincount(bins, weights=gaps, minlength=BINS)
    return float(np.abs(sums).sum() / len(bins))


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


def temperature_sweep(
    said: Predictions, temperatures: Sequence[float]
) -> tuple[TemperatureLoss, ...]:
    """Loss and calibration error at each of `temperatures`, all above 0."""
    return tuple(_tempered(at_temperature(said, value), value) for value in temperatures)


def _tempered(said: Predictions, temperature: float) -> TemperatureLoss:
    return TemperatureLoss(temperature, said.loss, calibration_error(said))


def selective_accuracy(said: Predictions, threshold: float) -> SelectiveAccuracy:
    """Coverage and accuracy where only answers with at least this confidence (0 to 1) are given."""
    given = said.probabilities.max(axis=1) >= threshold
    count = int(given.sum())
    return SelectiveAccuracy(
        share_of(count, len(said)), share_of(int(said.right[given].sum()), count)
    )


def risk_coverage(said: Predictions) -> RiskCoverage:
    """Withholds the least sure answers first."""
    confidence, wrong, ends = _sorted(said)
    risk = np.cumsum(wrong)[ends] / (ends + 1)
    aurc = _aurc(wrong, ends, np.ones(len(said)))
    return RiskCoverage(confidence[ends], (ends + 1) / len(said), 1 - risk, aurc, len(said))


def aurc_interval(said: Predictions, *, seed: int = 0) -> tuple[float, float]:
    """95 % confidence interval of the area of `risk_coverage`: bootstrap over images."""
    _, wrong, ends = _sorted(said)
    random = np.random.default_rng(seed)
    drawn = [_aurc(wrong, ends, _weights(len(said), random)) for _ in range(_COVERAGE_RESAMPLES)]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def _sorted(
    said: Predictions,
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]:
    """Confidence and whether wrong, surest first, and where each distinct confidence ends."""
    confidence = said.probabilities.max(axis=1).astype(np.float64)
    order = np.argsort(-confidence, kind="stable")
    # Answers of the same confidence are given or withheld together.
    ends = np.append(np.flatnonzero(np.diff(confidence[order])), len(order) - 1)
    return confidence[order], ~said.right[order], ends


def _weights(images: int, random: np.random.Generator) -> NDArray[np.float64]:
    """The counts of each image in bootstrap samples."""
    drawn = random.integers(0, images, images)
    return np.bincount(drawn, minlength=images).astype(np.float64)


def _aurc(wrong: NDArray[np.bool_], ends: NDArray[np.int64], weights: NDArray[np.float64]) -> float:
    """Each image counts with the share of errors among all that are at least as sure."""
    given = np.cumsum(weights)[ends]
    errors = np.cumsum(weights * wrong)[ends]
    here = np.diff(given, prepend=0.0)
    return float((here * errors / np.maximum(given, 1)).sum() / weights.sum())


def reliability_bins(said: Predictions) -> tuple[Bin, ...]:
    """The bins that hold images, of 15 equally wide ones, from unsure to sure.

    Their gaps, weighed by images, are the expected calibration error of `reliability`
    (Guo et al., arXiv 1706.04599, section 2).
    """
    confidence = said.probabilities.max(axis=1).astype(np.float64)
    numbers = bin_numbers(confidence)
    images = np.bincount(numbers, minlength=BINS)
    sums = np.bincount(numbers, weights=confidence, minlength=BINS)
    right = np.bincount(numbers, weights=said.right, minlength=BINS)
    return tuple(
        _bin(number, int(images[number]), float(sums[number]), int(right[number]))
        for number in np.flatnonzero(images).tolist()
    )


def _bin(number: int, images: int, confidence: float, right: int) -> Bin:
    limits = number / BINS, (number + 1) / BINS
    return Bin(*limits, images, confidence / images, right / images, wilson(right, images))

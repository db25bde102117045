"""What is gained when a network may keep silent where it is unsure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.evaluation.class_report import Share, share_of
from fmnist_core.evaluation.predictions import Predictions

_RESAMPLES = 400


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """Accuracy among the answers given, for every least confidence that is asked for.

    Attributes:
        thresholds: float64 (k,), falling; each distinct confidence once.
        coverage: float64 (k,), the share of images that is answered at it; the last is 1.
        accuracy: float64 (k,), the share of these that is right.
        aurc: Mean share of errors over all coverages, 0 to 1; the less, the better
            (Geifman & El-Yaniv, arXiv 1805.08206, section 2).
        images: How many it rests on.
    """

    thresholds: NDArray[np.float64]
    coverage: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    aurc: float
    images: int


@dataclass(frozen=True)
class Answered:
    """What is left when answers below a confidence are withheld."""

    coverage: Share
    accuracy: Share


def answered(said: Predictions, threshold: float) -> Answered:
    """Coverage and accuracy where only answers with at least this confidence (0 to 1) are given."""
    given = said.probabilities.max(axis=1) >= threshold
    count = int(given.sum())
    return Answered(share_of(count, len(said)), share_of(int(said.right[given].sum()), count))


def risk_coverage(said: Predictions) -> RiskCoverage:
    """Withholds the least sure answers first."""
    confidence, wrong, ends = _sorted(said)
    risk = np.cumsum(wrong)[ends] / (ends + 1)
    aurc = _aurc(wrong, ends, np.ones(len(said)))
    return RiskCoverage(confidence[ends], (ends + 1) / len(said), 1 - risk, aurc, len(said))


def aurc_interval(said: Predictions, *, seed: int = 0) -> tuple[float, float]:
    """Where the area of `risk_coverage` lies with 95 % confidence: bootstrap over images."""
    _, wrong, ends = _sorted(said)
    random = np.random.default_rng(seed)
    drawn = [_aurc(wrong, ends, _weights(len(said), random)) for _ in range(_RESAMPLES)]
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
    """How often each image is drawn when as many are drawn anew."""
    drawn = random.integers(0, images, images)
    return np.bincount(drawn, minlength=images).astype(np.float64)


def _aurc(wrong: NDArray[np.bool_], ends: NDArray[np.int64], weights: NDArray[np.float64]) -> float:
    """Each image counts with the share of errors among all that are at least as sure."""
    given = np.cumsum(weights)[ends]
    errors = np.cumsum(weights * wrong)[ends]
    here = np.diff(given, prepend=0.0)
    return float((here * errors / np.maximum(given, 1)).sum() / weights.sum())

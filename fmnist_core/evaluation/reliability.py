"""Whether a network is right as often as it says it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import DataError
from fmnist_core.evaluation.predictions import Predictions

BINS = 15
_RESAMPLES = 1000


@dataclass(frozen=True)
class Reliability:
    """Expected calibration error.

    Attributes:
        error: 0 to 1: by how much stated confidence and accuracy differ on average, over 15
            equally wide bins of confidence (Guo et al., arXiv 1706.04599, equation 3).
        interval: Where it lies with 95 % confidence: basic bootstrap over images. Not the
            percentile one, since drawing anew adds noise, and noise only ever adds to this error.
        images: How many it rests on.
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
        raise DataError("Calibration is judged on one or more images.")
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
    """In which of the bins each confidence (n,) from 0 to 1 lies, int64 (n,)."""
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

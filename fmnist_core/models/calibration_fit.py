"""Fits a calibration to what a network says about images whose classes are known."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fmnist_core.errors import DataError
from fmnist_core.models.calibration import Calibration, certainty, softmax

# The threshold lets this share of the given clothing pass.
ACCEPTED = 0.95
# Few images, all of them recognised, would ask for a temperature of 0: never that sure.
_COLDEST, _HOTTEST = 0.25, 20.0
# The score of typical clothing then is 0.95, as that of clothing at the threshold is 0.5.
_SPREADS_TO_MEDIAN = 3.0
_LEAST_SPREAD = 1e-3


def fit_calibration(
    scores: ArrayLike, labels: ArrayLike, source: str, further: ArrayLike | None = None
) -> Calibration:
    """The calibration under which these answers are most believable.

    Args:
        scores: Raw scores (n, classes) of n images, n at least 1.
        labels: Their true classes (n,).
        source: What these images were, for people, at most 200 characters.
        further: Raw scores (m, classes) of more clothing, for the threshold alone.

    Raises:
        DataError: No image, shapes that do not fit, or scores that are not finite.
    """
    wide, truth = np.asarray(scores, np.float64), np.asarray(labels, np.int64)
    _check(wide, truth)
    clothing = wide if further is None else np.concatenate([wide, np.asarray(further, np.float64)])
    threshold, spread = fit_threshold(certainty(clothing))
    return Calibration(
        temperature=fit_temperature(wide, truth),
        clothing_threshold=threshold,
        clothing_scale=spread,
        images=len(truth),
        source=source,
    )


def fit_temperature(scores: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """The temperature with the least negative log-likelihood (Guo et al. 2017, section 4.2).

    The slope in 1/temperature only rises (the likelihood is log-concave in it), so that its zero
    is found by halving.
    """
    true = scores[np.arange(len(labels)), labels].mean()

    def slope(inverse: float) -> float:
        shares = softmax(scores * inverse)
        return float((shares * scores).sum(axis=1).mean() - true)

    low, high = 1 / _HOTTEST, 1 / _COLDEST
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if slope(middle) > 0 else (middle, high)
    return 1 / high


def fit_threshold(certainties: NDArray[np.float64]) -> tuple[float, float]:
    """The certainty that `ACCEPTED` of the clothing reaches, and the spread above it."""
    threshold, median = np.quantile(certainties, [1 - ACCEPTED, 0.5])
    # A hair below, so that rounding on the way does not turn the image at the threshold away.
    threshold -= 1e-6 * max(1.0, abs(threshold))
    return float(threshold), float(max(_LEAST_SPREAD, (median - threshold) / _SPREADS_TO_MEDIAN))


def _check(scores: NDArray[np.float64], labels: NDArray[np.int64]) -> None:
    if scores.ndim != 2 or labels.shape != scores.shape[:1] or not len(labels):
        raise DataError(
            "A calibration is fitted to a row of scores and a class for each of some images.",
            received=f"shapes {scores.shape} and {labels.shape}",
        )
    if not np.isfinite(scores).all():
        raise DataError("Scores to calibrate by must be finite numbers.")

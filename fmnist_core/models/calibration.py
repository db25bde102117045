"""Calibrated answers from a network's scores; fits the temperature and the thresholds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fmnist_core.classes import CLASS_COUNT, OTHER_CLOTHING
from fmnist_core.config.rules import Number, Text, Whole, check_fields, ruled
from fmnist_core.errors import CalibrationError, DataError

# The threshold lets this share of the given clothing pass.
_ACCEPTED = 0.95

# Few images, all of them recognised, would ask for a temperature of 0: never that sure.
_COLDEST, _HOTTEST = 0.25, 20.0

# The score of typical clothing then is 0.95, as that of clothing at the threshold is 0.5.
_SPREADS_TO_MEDIAN = 3.0

_LEAST_SPREAD = 1e-3

Scalar = TypeVar("Scalar", bound=np.floating)


# Below this calibrated probability of the best class the page says "I am not sure".
SURE = 0.6


@dataclass(frozen=True)
class Calibration:
    """Temperature and rejection threshold, fitted on validation images.

    Temperature scaling: Guo et al., arXiv 1706.04599, section 4.2. Negatives have a flat
    distribution of probabilities, since networks train with outlier exposure (Hendrycks et al.,
    arXiv 1812.04606, section 3). The threshold accepts 95 % of
    validation clothing. So does that of other clothing, where the network learned it;
    1, the default, calls nothing other clothing.

    Attributes:
        images: Validation images it was fitted on; 0 where there were none, then the
            temperature is 1 and everything counts as clothing.
    """

    temperature: float = ruled(1.0, Number(0.05, 20), "What scores are divided by.")
    clothing_threshold: float = ruled(-1e9, Number(-1e9, 1), "Least certainty of clothing.")
    clothing_scale: float = ruled(1.0, Number(1e-6, 1e9), "Spread of certainties around it.")
    other_clothing_threshold: float = ruled(
        1.0, Number(0, 1), "Above this probability of other clothing none of the ten is named."
    )
    images: int = ruled(0, Whole(0, 10_000_000), "Validation images it was fitted on.")
    source: str = ruled("", Text(200), "What these images were.")

    def __post_init__(self) -> None:
        check_fields(self)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> Calibration:
        """The inverse of `to_json`.

        Raises:
            CalibrationError: Not what `to_json` gives.
        """
        try:
            return cls(**value)
        except Exception as error:
            raise CalibrationError(
                "This run's calibration was written by another version of the lab, or is damaged.",
                advice="Evaluate the run again: that fits a new one.",
            ) from error


@dataclass(frozen=True, eq=False)
class CalibratedPredictions:
    """Calibrated predictions for n images.

    Attributes:
        probabilities: float32 (n, 10) of the ten classes, calibrated, each row sums to 1.
        clothing: float32 (n,), 0 to 1, 0.5 at the threshold: the score of being clothing.
        is_clothing: bool (n,).
        answered_by: Per image the name of the network; may be empty.
        other_clothing: float32 (n,), calibrated probability of being clothing, but none of the ten;
            NaN where the network has no output for it.
        is_other_clothing: bool (n,), never where it is no clothing.
    """

    probabilities: NDArray[np.float32]
    clothing: NDArray[np.float32]
    is_clothing: NDArray[np.bool_]
    answered_by: tuple[str, ...]
    other_clothing: NDArray[np.float32]
    is_other_clothing: NDArray[np.bool_]

    @property
    def labels(self) -> NDArray[np.int64]:
        """(n,) class numbers of the most probable class."""
        return self.probabilities.argmax(axis=1)

    @property
    def sure(self) -> NDArray[np.bool_]:
        """(n,) whether the best class is probable enough to show without reservation."""
        return self.probabilities.max(axis=1) >= SURE


def calibrated_predictions(
    scores: NDArray[np.floating], calibration: Calibration, network: str = ""
) -> CalibratedPredictions:
    """Predictions from raw scores (n, outputs); log-probabilities of a softmax network serve too.

    Args:
        network: The name of the network whose scores they are.
    """
    wide = np.asarray(scores, np.float64)
    sure = certainty(wide)
    excess = (sure - calibration.clothing_threshold) / calibration.clothing_scale
    clothing = 1 / (1 + np.exp(-np.clip(excess, -60, 60)))
    is_clothing = sure >= calibration.clothing_threshold
    other = _other_clothing(wide, calibration.temperature)
    return CalibratedPredictions(
        softmax(of_classes(wide) / calibration.temperature).astype(np.float32),
        clothing.astype(np.float32),
        is_clothing,
        (network,) * len(wide) if network else (),
        other.astype(np.float32),
        is_clothing & (other > calibration.other_clothing_threshold),
    )


def of_classes(outputs: NDArray[Scalar]) -> NDArray[Scalar]:
    """Scores (n, 10) of the ten classes, without the one of other clothing where there is one."""
    return outputs[:, :CLASS_COUNT]


def _other_clothing(scores: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """(n,) the probability of the eleventh output; NaN without one."""
    if scores.shape[1] <= OTHER_CLOTHING:
        return np.full(len(scores), np.nan)
    return softmax(scores / temperature)[:, OTHER_CLOTHING]


def certainty(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) minus the entropy of the predictions, in nats, at most 0.

    At temperature 1, so that it does not depend on how the probabilities are calibrated. Over all
    outputs: other clothing is clothing.
    """
    shares = softmax(scores)
    return (shares * np.log(np.maximum(shares, 1e-300))).sum(axis=1)


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, classes) probabilities from raw scores."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def fit_calibration(
    scores: ArrayLike,
    labels: ArrayLike,
    source: str,
    further: ArrayLike | None = None,
    *,
    other_clothing: bool = False,
) -> Calibration:
    """The calibration under which these answers are most believable.

    Args:
        scores: Raw scores (n, outputs) of n images, n at least 1.
        labels: Their true classes (n,).
        source: What these images were, for people, at most 200 characters.
        further: Raw scores (m, outputs) of more clothing of the ten classes, for the thresholds
            alone.
        other_clothing: Whether the network learned what other clothing is; else nothing is called
            so, whatever an output for it gives.

    Raises:
        DataError: No image, shapes that do not fit, or scores that are not finite.
    """
    wide, truth = np.asarray(scores, np.float64), np.asarray(labels, np.int64)
    _check(wide, truth)
    clothing = wide if further is None else np.concatenate([wide, np.asarray(further, np.float64)])
    threshold, spread = _fit_threshold(certainty(clothing))
    temperature = fit_temperature(of_classes(wide), truth)
    return Calibration(
        temperature=temperature,
        clothing_threshold=threshold,
        clothing_scale=spread,
        other_clothing_threshold=(
            _fit_other_clothing(clothing, temperature) if other_clothing else 1.0
        ),
        images=len(truth),
        source=source,
    )


def fit_temperature(scores: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """The temperature with the least negative log-likelihood (Guo et al. 2017, section 4.2).

    The slope in 1/temperature only rises (the likelihood is log-concave in it), so that its zero
    is found by halving.
    """
    true = scores[np.arange(len(labels)), labels].mean()

    def derivative(inverse: float) -> float:
        shares = softmax(scores * inverse)
        return float((shares * scores).sum(axis=1).mean() - true)

    low, high = 1 / _HOTTEST, 1 / _COLDEST
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if derivative(middle) > 0 else (middle, high)
    return 1 / high


def _fit_threshold(certainties: NDArray[np.float64]) -> tuple[float, float]:
    """The certainty that `_ACCEPTED` of the clothing reaches, and the spread above it."""
    threshold, median = np.quantile(certainties, [1 - _ACCEPTED, 0.5])
    # A hair below, so that rounding on the way does not turn the image at the threshold away.
    threshold -= 1e-6 * max(1.0, abs(threshold))
    return float(threshold), float(max(_LEAST_SPREAD, (median - threshold) / _SPREADS_TO_MEDIAN))


def _fit_other_clothing(scores: NDArray[np.float64], temperature: float) -> float:
    """The probability of other clothing that `_ACCEPTED` of the ten classes' clothing stays below.

    At least 1 / 11, what an undecided network gives it: with less nothing is other clothing.
    """
    outputs = scores.shape[1]
    if outputs <= OTHER_CLOTHING:
        return 1.0
    reached = float(np.quantile(_other_clothing(scores, temperature), _ACCEPTED))
    return min(1.0, max(1 / outputs, reached + 1e-6))


def _check(scores: NDArray[np.float64], labels: NDArray[np.int64]) -> None:
    if scores.ndim != 2 or labels.shape != scores.shape[:1] or not len(labels):
        raise DataError(
            "A calibration is fitted to a row of scores and a class for each of some images.",
            received=f"shapes {scores.shape} and {labels.shape}",
        )
    if not np.isfinite(scores).all():
        raise DataError("Scores to calibrate by must be finite numbers.")

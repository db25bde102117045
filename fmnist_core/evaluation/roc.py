"""One class against the rest at every threshold: ROC and precision-recall curves, areas."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fmnist_core.errors import DataError
from fmnist_core.evaluation.confidence_interval import Z_95, wilson
from fmnist_core.evaluation.predictions import Predictions


@dataclass(frozen=True)
class Separation:
    """Area under the ROC curve.

    Attributes:
        auroc: 0 to 1: how often one of the first kind scores higher than one of the second.
        interval: 95 % confidence interval (Newcombe 2006, Statistics in Medicine
            25:559, https://doi.org/10.1002/sim.2324, method 5: Wilson's idea with the variance of
            Hanley and McNeil).
        firsts, seconds: Images of each kind.
    """

    auroc: float
    interval: tuple[float, float]
    firsts: int
    seconds: int


@dataclass(frozen=True, eq=False)
class OneVsRest:
    """Counts of the classifier "probability at least t", for every t.

    Attributes:
        number: The class, 0 to 9.
        thresholds: float64 (k,), falling; each distinct probability once.
        precision: float64 (k,), of those at least as probable, the share that is of the class.
        recall: float64 (k,), of the class, the share that is at least as probable (rate of true
            alarms).
        false_alarms: float64 (k,), of the others, the share that is at least as probable.
        average_precision: Area under precision over recall, in steps, as scikit-learn's.
        precision_interval: Its 95 % confidence interval: logit interval of Boyd, Eng &
            Page 2013 (https://doi.org/10.1007/978-3-642-40994-3_29, section 3.2); Wilson's where
            it is within one image of 0 or 1, since a logit so far out would allow everything.
        roc: Area under `recall` over `false_alarms`, with its interval.
    """

    number: int
    thresholds: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    false_alarms: NDArray[np.float64]
    average_precision: float
    precision_interval: tuple[float, float]
    roc: Separation


def one_vs_rest(said: Predictions, number: int) -> OneVsRest:
    """Judges the probability of class `number` as a detector of that class.

    Raises:
        DataError: No image is of the class, or all are.
    """
    scores = said.probabilities[:, number].astype(np.float64)
    mine = said.labels == number
    if not mine.any() or mine.all():
        raise DataError("A curve needs images of the class and of others.", received=number)
    order = np.argsort(-scores, kind="stable")
    # By hand, since pages compute it: scikit-learn has no place in the Streamlit server, and takes
    # five times as long. Images of equal probability count together.
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    found = np.cumsum(mine[order])[ends]
    precision, recall = found / (ends + 1), found / mine.sum()
    # Summed up in scikit-learn's order, so that not even the last digit differs.
    average = -float(np.sum(np.diff(recall[::-1], append=0.0) * precision[::-1]))
    return OneVsRest(
        number,
        scores[order][ends],
        precision,
        recall,
        (ends + 1 - found) / (~mine).sum(),
        average,
        _interval(average, int(mine.sum())),
        separation(scores[mine], scores[~mine]),
    )


def each_vs_rest(said: Predictions) -> tuple[OneVsRest, ...]:
    """`one_vs_rest` of every class that has images and is not alone, in class order."""
    present = [int(number) for number in np.unique(said.labels)]
    return tuple(one_vs_rest(said, number) for number in present if len(present) > 1)


def _interval(average: float, images: int) -> tuple[float, float]:
    if not 1 <= images * average <= images - 1:
        return wilson(round(average * images), images)
    centre = math.log(average / (1 - average))
    half = Z_95 / math.sqrt(images * average * (1 - average))
    return 1 / (1 + math.exp(half - centre)), 1 / (1 + math.exp(-half - centre))


def separation(firsts: ArrayLike, seconds: ArrayLike) -> Separation:
    """AUC: how often `firsts` (m,) exceed the scores `seconds` (n,); ties count half.

    Raises:
        DataError: A kind without images, or a score that is no number.
    """
    high, low = np.asarray(firsts, np.float64), np.asarray(seconds, np.float64)
    if not (high.size and low.size and np.isfinite(high).all() and np.isfinite(low).all()):
        raise DataError(
            "Two kinds of image, each with one or more finite scores, are needed.",
            received=f"{high.size} and {low.size} scores",
        )
    ordered = np.sort(low)
    under = np.searchsorted(ordered, high, "left") + np.searchsorted(ordered, high, "right")
    area = float(under.mean() / (2 * low.size))
    limits = _limit(area, high.size, low.size, 0.0), _limit(area, high.size, low.size, 1.0)
    return Separation(area, limits, high.size, low.size)


def _limit(area: float, firsts: int, seconds: int, end: float) -> float:
    """Between `area` and `end`, the furthest true area of which `area` is no surprise."""
    near, far = area, end
    for _ in range(60):
        middle = (near + far) / 2
        if abs(area - middle) <= Z_95 * _deviation(middle, firsts, seconds):
            near = middle
        else:
            far = middle
    return near


def _deviation(area: float, firsts: int, seconds: int) -> float:
    """Standard error of a measured area whose true value is `area`."""
    half = (firsts + seconds) / 2 - 1
    spread = 1 + half * ((1 - area) / (2 - area) + area / (1 + area))
    return math.sqrt(area * (1 - area) * spread / (firsts * seconds))

"""Precision, recall and F1 of each class, balanced accuracy, and the most confused pairs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.errors import DataError
from fmnist_core.evaluation.confidence_interval import wilson


@dataclass(frozen=True)
class BalancedAccuracy:
    """Mean of per-class accuracies.

    Attributes:
        value: 0 to 1.
        interval: Where it lies with 95 % confidence, were there any number of images of these
            classes: Wilson's interval of each class, put together by MOVER (Zou & Donner 2008,
            Statistics in Medicine 27:1693, https://doi.org/10.1002/sim.3095, equation 5).
        images, classes: The sample sizes; classes without images do not count.
    """

    value: float
    interval: tuple[float, float]
    images: int
    classes: int


@dataclass(frozen=True)
class Share:
    """A share from 0 to 1, and where it lies with 95 % confidence.

    Attributes:
        of: How many images it is a share of. Without any, the value is 0 and all is possible.
    """

    value: float
    interval: tuple[float, float]
    of: int


@dataclass(frozen=True)
class ClassReport:
    """One class of the report.

    Attributes:
        number: 0 to 9.
        precision: Of the images given this name, the share that deserves it.
        recall: Of the images of this class, the share that was found.
        f1: Harmonic mean of the two. It is 2 J / (1 + J) of the share J of right ones among all
            images that are of the class or were called so; its interval is Wilson's of J
            (Hand, Christen & Kirielle 2021, https://doi.org/10.1007/s10994-021-05964-1, call J F*).
        support: Images of this class.
    """

    number: int
    precision: Share
    recall: Share
    f1: Share
    support: int

    @property
    def name(self) -> str:
        return CLASS_NAMES[self.number]


def class_reports(counts: NDArray[np.int64]) -> tuple[ClassReport, ...]:
    """A report a class, in class order.

    Args:
        counts: int (10, 10), row is the true class, column the predicted one.
    """
    called, support = counts.sum(axis=0), counts.sum(axis=1)
    return tuple(
        _report(number, int(counts[number, number]), int(called[number]), int(support[number]))
        for number in range(len(counts))
    )


def share_of(part: int, whole: int) -> Share:
    """`part` of `whole` with Wilson's interval."""
    if not whole:
        return Share(0.0, (0.0, 1.0), 0)
    return Share(part / whole, wilson(part, whole), whole)


def _report(number: int, right: int, called: int, support: int) -> ClassReport:
    involved = share_of(right, called + support - right)
    low, high = involved.interval
    # Computed as scikit-learn does, so that not even the last digit differs.
    value = 2 * right / (called + support) if called + support else 0.0
    f1 = Share(value, (_harmonic(low), _harmonic(high)), involved.of)
    return ClassReport(number, share_of(right, called), share_of(right, support), f1, support)


def _harmonic(overlap: float) -> float:
    return 2 * overlap / (1 + overlap)


def balanced_accuracy(predicted: ArrayLike, labels: ArrayLike) -> BalancedAccuracy:
    """Judges `predicted`, class numbers (n,), against `labels`, (n,).

    Raises:
        DataError: No images, or not one prediction for each.
    """
    said, true = np.asarray(predicted), np.asarray(labels)
    if said.shape != true.shape or true.ndim != 1 or not len(true):
        raise DataError(
            "Each of one or more images needs one prediction and one label.",
            received=f"shapes {said.shape} and {true.shape}",
        )
    counts = [
        (int((said[true == number] == number).sum()), int((true == number).sum()))
        for number in np.unique(true)
    ]
    shares = [right / images for right, images in counts]
    limits = [wilson(right, images) for right, images in counts]
    mean = sum(shares) / len(shares)
    below = math.hypot(*(share - low for share, (low, _) in zip(shares, limits, strict=True)))
    above = math.hypot(*(high - share for share, (_, high) in zip(shares, limits, strict=True)))
    interval = max(0.0, mean - below / len(shares)), min(1.0, mean + above / len(shares))
    return BalancedAccuracy(mean, interval, len(true), len(counts))


@dataclass(frozen=True)
class ConfusedPair:
    """Two classes, the one more often mistaken first.

    Attributes:
        first, second: 0 to 9.
        count, back: Images of `first` predicted as `second`, and vice versa.
        rate, back_rate: The same as shares of all images of the class.
    """

    first: int
    second: int
    count: int
    back: int
    rate: Share
    back_rate: Share

    @property
    def both(self) -> int:
        """Mistakes in both directions."""
        return self.count + self.back


def confused_pairs(counts: NDArray[np.int64], count: int = 10) -> list[ConfusedPair]:
    """The pairs with the most mistakes, most first; pairs without a mistake are left out.

    Args:
        counts: int (10, 10), row is the true class, column the predicted one.
    """
    pairs = [_pair(counts, *pair) for pair in combinations(range(len(counts)), 2)]
    mistaken = [pair for pair in pairs if pair.both]
    return sorted(mistaken, key=lambda pair: -pair.both)[:count]


def _pair(counts: NDArray[np.int64], one: int, other: int) -> ConfusedPair:
    first, second = (one, other) if counts[one, other] >= counts[other, one] else (other, one)
    there, back = int(counts[first, second]), int(counts[second, first])
    supports = counts.sum(axis=1)
    rates = share_of(there, int(supports[first])), share_of(back, int(supports[second]))
    return ConfusedPair(first, second, there, back, *rates)

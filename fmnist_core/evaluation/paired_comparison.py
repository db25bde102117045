"""Two networks on the same images: which predictions changed, and is the difference significant?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import DataError
from fmnist_core.evaluation.confidence_interval import wilson
from fmnist_core.evaluation.predictions import Indices, Predictions
from fmnist_core.evaluation.report import Evaluation


@dataclass(frozen=True, eq=False)
class ChangedAnswers:
    """The answers of two networks, image by image: which changed, and how.

    Raises:
        DataError: They are about other images.
    """

    before: Predictions
    after: Predictions

    def __post_init__(self) -> None:
        if not np.array_equal(self.before.labels, self.after.labels):
            raise DataError(
                "Two runs are compared image by image, on the same test images.",
                received=f"{len(self.before)} and {len(self.after)} images with other labels",
            )

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """The change of each cell of the confusion matrix, int64 (10, 10)."""
        return self.after.confusion - self.before.confusion

    @cached_property
    def changed(self) -> NDArray[np.bool_]:
        """Whether an image got another answer, bool (n,)."""
        return self.before.predicted != self.after.predicted

    def came(self, true: int, predicted: int) -> Indices:
        """Images of class `true` that are taken for `predicted` only now, hardest now first."""
        return self._only(self.after.cell(true, predicted))

    def left(self, true: int, predicted: int) -> Indices:
        """Images of class `true` that were taken for `predicted` before, hardest then first."""
        return self._only(self.before.cell(true, predicted))

    def _only(self, cell: Indices) -> Indices:
        return cell[self.changed[cell]]


# Significance level.
LEVEL = 0.05


@dataclass(frozen=True)
class PairedDifference:
    """Counts of n images that both, one or neither of two networks classified correctly.

    Attributes:
        both, only_first, only_second, neither: Counts; at least one image in all.
    """

    both: int
    only_first: int
    only_second: int
    neither: int

    @property
    def images(self) -> int:
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def difference(self) -> float:
        """Accuracy of the first less that of the second, -1 to 1."""
        return (self.only_first - self.only_second) / self.images

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % confidence interval of the difference.

        Newcombe 1998, Statistics in Medicine 17:2635, method 10
        (https://doi.org/10.1002/(SICI)1097-0258(19981130)17:22<2635::AID-SIM954>3.0.CO;2-C).
        """
        first = self.both + self.only_first
        second = self.both + self.only_second
        low1, high1 = _distances(first, self.images)
        low2, high2 = _distances(second, self.images)
        phi = self._correlation()
        below = low1**2 - 2 * phi * low1 * high2 + high2**2
        above = high1**2 - 2 * phi * high1 * low2 + low2**2
        return self.difference - math.sqrt(below), self.difference + math.sqrt(above)

    def _correlation(self) -> float:
        """Newcombe's phi, corrected for continuity; 0 where a margin is empty."""
        a, b, c, d = self.both, self.only_first, self.only_second, self.neither
        margins = (a + b) * (c + d) * (a + c) * (b + d)
        excess = a * d - b * c
        if not margins:
            return 0.0
        corrected = excess if excess < 0 else max(0.0, excess - self.images / 2)
        return corrected / math.sqrt(margins)

    @property
    def exact_p(self) -> float:
        """McNemar's exact test: how often chance alone makes them differ so much, 0 to 1."""
        # Imported where it is needed: it takes most of a second, and most pages compare no runs.
        from scipy import stats

        fewer, discordant = self._discordant()
        return float(stats.binomtest(fewer, discordant).pvalue) if discordant else 1.0

    @property
    def p(self) -> float:
        """The same with the middle of the observed step, which is less timid.

        Fagerland, Lydersen & Laake 2013, https://doi.org/10.1186/1471-2288-13-91.
        """
        from scipy import stats

        fewer, discordant = self._discordant()
        if not discordant:
            return 1.0
        step = float(stats.binom.pmf(fewer, discordant, 0.5))
        # Where as many are for as against, the observed step is that of both sides.
        return self.exact_p - (step / 2 if 2 * fewer == discordant else step)

    @property
    def more_than_chance(self) -> bool:
        """Whether test and interval agree that one of them is better on images such as these."""
        low, high = self.interval
        return self.p < LEVEL and not low <= 0 <= high

    def _discordant(self) -> tuple[int, int]:
        first, second = int(self.only_first), int(self.only_second)
        return min(first, second), first + second


def paired_difference(first: Predictions, second: Predictions) -> PairedDifference:
    """Compares two networks image by image.

    Raises:
        DataError: They are of other images.
    """
    _check_labels(first, second)
    return paired(first.right, second.right)


def class_differences(first: Predictions, second: Predictions) -> dict[int, PairedDifference]:
    """The same for the images of each class that has any: a difference of recalls.

    Raises:
        DataError: They are of other images.
    """
    _check_labels(first, second)
    found = {}
    for number in np.unique(first.labels).tolist():
        mine = first.labels == number
        found[number] = paired(first.right[mine], second.right[mine])
    return found


def paired(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> PairedDifference:
    """Compares two networks by their correct images, each bool (n,), n at least 1."""
    counts = (one & other, one & ~other, ~one & other, ~one & ~other)
    return PairedDifference(*(int(part.sum()) for part in counts))


def check_same_images(first: Evaluation, second: Evaluation) -> None:
    """Raises DataError: They are of other images: other data, split or count."""
    described = [_described(each) for each in (first, second)]
    prints = [each.data.get("fingerprint") for each in (first, second)]
    if described[0] == described[1] and prints[0] == prints[1]:
        return
    raise DataError(
        "Two runs can be compared where both were tried on the same images.",
        received=" and ".join(dict.fromkeys(described)),
        advice="Choose a run that was tried on the same data.",
    )


def _check_labels(first: Predictions, second: Predictions) -> None:
    if not np.array_equal(first.labels, second.labels):
        raise DataError(
            "Two runs can be compared where both were tried on the same images.",
            received=f"{len(first)} and {len(second)} images with labels that differ",
        )


def _described(evaluation: Evaluation) -> str:
    return f"{evaluation.images} {evaluation.split} images of {evaluation.data.get('name')}"


def _distances(part: int, whole: int) -> tuple[float, float]:
    """From a share down to its lower and up to its upper limit."""
    low, high = wilson(part, whole)
    return part / whole - low, high - part / whole

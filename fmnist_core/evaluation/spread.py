"""The accuracies of several seeds of one configuration, as one entry."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fmnist_core.errors import DataError
from fmnist_core.evaluation.student import t_beyond, t_limit


@dataclass(frozen=True)
class Spread:
    """Values of several seeds.

    Attributes:
        values: At least one.
    """

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values or not all(map(math.isfinite, self.values)):
            raise DataError("A spread is that of one or more numbers.", received=self.values)

    @property
    def n(self) -> int:
        return len(self.values)

    @property
    def mean(self) -> float:
        return float(np.mean(self.values))

    @property
    def deviation(self) -> float | None:
        """Standard deviation from one seed to the next (n - 1); None for a single one."""
        return float(np.std(self.values, ddof=1)) if self.n > 1 else None

    @property
    def median(self) -> float:
        return float(np.median(self.values))

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the greatest."""
        return min(self.values), max(self.values)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the mean of endlessly many seeds lies with 95 % confidence (Student's t).

        About chance in training alone: the images are the same for all seeds. None for one seed.
        """
        if self.deviation is None:
            return None
        half = t_limit(self.n - 1) * self.deviation / math.sqrt(self.n)
        return self.mean - half, self.mean + half


@dataclass(frozen=True)
class WelchDifference:
    """Mean of the first less that of the second, without assuming equal spreads.

    Welch 1947, Biometrika 34:28, https://doi.org/10.1093/biomet/34.1-2.28. A bootstrap would be
    too sure of itself here: of three seeds it can only draw the same three again.

    Attributes:
        interval: Where the difference of endlessly many seeds lies with 95 % confidence.
        p: How often chance alone makes two such means differ so much, 0 to 1.
        freedom: Degrees of freedom.
    """

    difference: float
    interval: tuple[float, float]
    p: float
    freedom: float

    @property
    def more_than_chance(self) -> bool:
        low, high = self.interval
        return not low <= 0 <= high


def welch(first: Spread, second: Spread) -> WelchDifference:
    """Compares two configurations by their seeds.

    Raises:
        DataError: One of them has fewer than two seeds.
    """
    if first.deviation is None or second.deviation is None:
        raise DataError(
            "Two configurations are compared by two or more seeds of each.",
            received=f"{first.n} and {second.n}",
            advice="Train again with another seed.",
        )
    parts = [each**2 / n for each, n in ((first.deviation, first.n), (second.deviation, second.n))]
    difference, error = first.mean - second.mean, math.sqrt(sum(parts))
    if not error:
        # All seeds alike, as with a test set that is too easy: no spread to measure by.
        return WelchDifference(difference, (difference, difference), float(difference == 0), 1.0)
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (first.n - 1) + parts[1] ** 2 / (second.n - 1))
    half = t_limit(freedom) * error
    return WelchDifference(
        difference,
        (difference - half, difference + half),
        t_beyond(difference / error, freedom),
        freedom,
    )


def seeds_needed(first: Spread, second: Spread, most: int = 100) -> int | None:
    """How many seeds of each would tell a difference as large as theirs from chance.

    If the next seeds scatter as those so far did, and with the same Welch's interval; None where
    it would take more than `most`.

    Raises:
        DataError: One of them has fewer than two seeds.
    """
    found = welch(first, second)
    variances = [each.deviation**2 for each in (first, second) if each.deviation is not None]
    squares = sum(variance**2 for variance in variances)
    for seeds in range(2, most + 1):
        freedom = (seeds - 1) * sum(variances) ** 2 / squares if squares else 1.0
        if t_limit(freedom) * math.sqrt(sum(variances) / seeds) < abs(found.difference):
            return seeds
    return None

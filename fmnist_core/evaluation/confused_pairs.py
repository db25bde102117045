"""Which two classes are taken for each other."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.evaluation.class_report import Share, share_of


@dataclass(frozen=True)
class ConfusedPair:
    """Two classes, the one more often mistaken first.

    Attributes:
        first, second: 0 to 9.
        count, back: How many of `first` were taken for `second`, and the other way round.
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

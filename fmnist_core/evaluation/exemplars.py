"""Which images of a class show best how it fares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fmnist_core.evaluation.predictions import Indices, Predictions


@dataclass(frozen=True, eq=False)
class Exemplars:
    """Images of one class by the probability given to that class.

    Attributes:
        best: int64 (m,), the surest first.
        typical: int64 (m,), those around the middle one.
        worst: int64 (m,), the worst first.
    """

    best: Indices
    typical: Indices
    worst: Indices


def exemplars(said: Predictions, number: int, count: int = 6) -> Exemplars:
    """At most `count` images of class `number` of each kind; where there are few, they repeat."""
    mine = np.flatnonzero(said.labels == number)
    rising = mine[np.argsort(said.of_truth[mine], kind="stable")]
    start = max(0, (len(rising) - count) // 2)
    return Exemplars(rising[::-1][:count], rising[start : start + count], rising[:count])

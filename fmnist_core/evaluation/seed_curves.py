"""The mean of several seeds from epoch to epoch."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from fmnist_core.evaluation.seed_statistics import Spread
from fmnist_core.runs.history import EpochPoint, History


@dataclass(frozen=True)
class CoursePoint:
    """The values of the seeds that have completed epoch `epoch` (from 1)."""

    epoch: int
    spread: Spread


def seed_course(histories: Iterable[History], field: str) -> list[CoursePoint]:
    """One point an epoch that at least two seeds have completed, in order.

    Args:
        field: Of `EpochPoint`, such as `"val_accuracy"`; what is None or infinite is passed over.
    """
    found: dict[int, list[float]] = {}
    for history in histories:
        for point in history.epochs_done:
            if (value := finite(point, field)) is not None:
                found.setdefault(point.epoch, []).append(value)
    return [
        CoursePoint(epoch, Spread(tuple(values)))
        for epoch, values in sorted(found.items())
        if len(values) > 1
    ]


def finite(point: EpochPoint, field: str) -> float | None:
    """A figure of an epoch, or None where there is no number to draw."""
    value = getattr(point, field)
    return None if value is None or not math.isfinite(value) else float(value)

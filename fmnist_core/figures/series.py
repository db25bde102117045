"""Series made ready for the eye: smoothed, and thinned to what a screen can show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def smooth(values: Sequence[float], memory: float = 0.9) -> list[float]:
    """Exponential moving average without the usual pull towards zero at the start.

    Args:
        values: NaN and infinity are passed over: the average stays where it was.
        memory: From 0 (no smoothing) to below 1.
    """
    total, weight, result = 0.0, 0.0, []
    for value in values:
        if math.isfinite(value):
            total = memory * total + (1 - memory) * value
            weight = memory * weight + (1 - memory)
        result.append(total / weight if weight else math.nan)
    return result


def thin(items: Sequence[Item], most: int = 400) -> list[Item]:
    """Every so-manieth item and the last: at most `most`, `most` being at least 2.

    The step is a power of two, so that a growing series keeps the points it already shows and
    the curve does not tremble.
    """
    step = 1
    while math.ceil(len(items) / step) + 1 > most and step < len(items):
        step *= 2
    chosen = list(items[::step])
    if items and (len(items) - 1) % step:
        chosen.append(items[-1])
    return chosen

"""How long several runs will still take together."""

from __future__ import annotations

from collections.abc import Sequence

from fmnist_core.runs.history import History


def seconds_until_done(histories: Sequence[History], waiting: int, slots: int) -> float | None:
    """Until the last of several runs of one configuration is done, at the present pace.

    Args:
        histories: Of those that have begun, whether or not they have ended.
        waiting: How many have not.
        slots: How many train at once, at least 1.

    Returns:
        None while nothing tells the pace, or when nothing is left to do.
    """
    paces = [
        history.seconds_per_epoch * history.epochs
        for history in histories
        if history.seconds_per_epoch is not None
    ]
    left = [_left(history) for history in histories if history.end is None]
    left += [None] * waiting
    if not paces or not left:
        return None
    whole = sum(paces) / len(paces)
    seconds = [whole if each is None else each for each in left]
    return max(max(seconds), sum(seconds) / min(max(1, slots), len(seconds)))


def _left(history: History) -> float | None:
    """None for a run that has not come so far as to know its pace: all of it is left."""
    if history.epochs and history.epoch >= history.epochs:
        return 0.0
    return history.seconds_left

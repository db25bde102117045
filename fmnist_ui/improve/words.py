"""How a change is said to people."""

from __future__ import annotations

from fmnist_core.improve import Change
from fmnist_ui.results.words import points
from fmnist_ui.words import percent


def verdict(change: Change) -> str:
    """Whether chance could have made it, in two or three words."""
    if change.better:
        return "▲ better"
    if change.worse:
        return "▼ worse"
    return "may be chance"


def change_words(change: Change) -> str:
    """A whole sentence with before, after, the difference and its interval."""
    low, high = change.interval
    numbers = f"{percent(change.before.value)} before, {percent(change.after.value)} after"
    span = f"{points(change.difference)} points, 95 % interval {points(low)} to {points(high)}"
    return f"{change.name}: {numbers} ({span}): {_judgement(change)}."


def _judgement(change: Change) -> str:
    if change.better:
        return "**better by more than chance**"
    if change.worse:
        return "**worse by more than chance**"
    return "no difference that chance could not make"

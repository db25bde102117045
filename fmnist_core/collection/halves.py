"""Halves of what is imported: one to learn from, the other to measure on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from fmnist_core.errors import CollectionError

HALVES = ("all", "first", "second")

Thing = TypeVar("Thing")


def half_of(
    things: Sequence[Thing],
    half: str,
    group: Callable[[Thing], Hashable],
    order: Callable[[Thing], str],
) -> list[Thing]:
    """Every other thing of each group, counted in the `order` of its members.

    The two halves share nothing, come to the same thing on every machine, and do not depend on
    the order of `things`. Whole numbers as text are ordered by their value.

    Raises:
        CollectionError: `half` is none of `HALVES`.
    """
    if half not in HALVES:
        raise CollectionError(f"half must be one of {', '.join(HALVES)}.", received=repr(half))
    if half == "all":
        return list(things)
    groups: dict[Hashable, list[Thing]] = defaultdict(list)
    for thing in things:
        groups[group(thing)].append(thing)
    start = HALVES.index(half) - 1
    ordered = (
        sorted(members, key=lambda one: _by_value(order(one))) for members in groups.values()
    )
    return [thing for members in ordered for thing in members[start::2]]


def _by_value(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isascii() and text.isdigit() else (-1, text)

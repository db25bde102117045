"""Who makes room in a class: trainings over their turn, or more at once than a person may have.

Only where others wait who may train now, and only for so many of them: a slot that nobody waits
for stays with whom it has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fmnist_core.classroom import Limits


@dataclass(frozen=True)
class Holder:
    """A training that holds a slot.

    Attributes:
        owner: A person's id.
        seconds: For how long it has held the slot.
    """

    run_id: str
    owner: str
    seconds: float


def giving_way(
    holders: Sequence[Holder], waiting: Sequence[str], limits_of: Callable[[str], Limits | None]
) -> set[str]:
    """The trainings that are to end their turn at the end of their epoch.

    Args:
        waiting: The owner of each run that waits, the next one first.
        limits_of: The limits of a person; None for whom none hold.
    """
    limits = {owner: limits_of(owner) for owner in {*waiting, *(one.owner for one in holders)}}
    claims = _claims(holders, waiting, limits)
    chosen = set()
    for holder in _over(holders, limits):
        claim = next((owner for owner in claims if owner != holder.owner), None)
        if claim is not None:
            claims.remove(claim)
            chosen.add(holder.run_id)
    return chosen


def _claims(
    holders: Sequence[Holder], waiting: Sequence[str], limits: dict[str, Limits | None]
) -> list[str]:
    """The owners of those runs that wait and may train now."""
    training = Counter(holder.owner for holder in holders)
    claims = []
    for owner in waiting:
        most = limits[owner]
        if most is None or training[owner] < most.training:
            training[owner] += 1
            claims.append(owner)
    return claims


def _over(holders: Sequence[Holder], limits: dict[str, Limits | None]) -> list[Holder]:
    """Those that may be asked: what is more than a person's share first, the newest of it; then
    those over their time, the longest first."""
    seen: Counter[str] = Counter()
    extra, late = [], []
    for holder in sorted(holders, key=lambda one: -one.seconds):
        most = limits[holder.owner]
        seen[holder.owner] += 1
        if most is None:
            continue
        if seen[holder.owner] > most.training:
            extra.append(holder)
        elif holder.seconds > 60 * most.minutes:
            late.append(holder)
    return [*reversed(extra), *late]

"""Asking a network about many batches, two at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Part = TypeVar("Part")
Said = TypeVar("Said")


def side_by_side(ask: Callable[[Part], Said], parts: Sequence[Part]) -> list[Said]:
    """What `ask` says of each part, in order.

    A training leaves each operation one core alone (`halved.py`), and an answer is one operation
    after the other: two batches at once use two cores. The first part is asked alone, since Keras
    may still have to trace the network.
    """
    if len(parts) < 3:
        return [ask(part) for part in parts]
    with ThreadPoolExecutor(2) as pool:
        return [ask(parts[0]), *pool.map(ask, parts[1:])]

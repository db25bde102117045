"""Asking a network about many batches, two at a time. Only workers import this."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from weakref import WeakSet

from fmnist_core.lab_keras import keras

Part = TypeVar("Part")
Said = TypeVar("Said")

AT_ONCE = 2
_asked: WeakSet[keras.Model] = WeakSet()


def side_by_side(
    model: keras.Model, ask: Callable[[Part], Said], parts: Sequence[Part]
) -> list[Said]:
    """What `ask` finds out from the model about each part, in order.

    A training leaves each operation one core alone (`halved.py`), and an answer is one operation
    after the other: two batches at once use two cores. The very first part is asked alone, since
    Keras has yet to trace the network. Under JAX all are: there Keras hands a network's weights
    over for each batch and takes them back, which two threads must not do at once.
    """
    if len(parts) < AT_ONCE or keras.backend.backend() != "tensorflow":
        return [ask(part) for part in parts]
    first = [] if model in _asked else [ask(parts[0])]
    _asked.add(model)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [*first, *pool.map(ask, parts[len(first) :])]

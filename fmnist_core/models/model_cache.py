"""A cache of values per network, with its lifetime. Only worker processes need it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from fmnist_core.lab_keras import keras

T = TypeVar("T")


def cached_per_model(make: Callable[..., T]) -> Callable[..., T]:
    """Caches `make(network, *which)` per network and `which`.

    Keras traces a network anew for each object, which takes half a second; the answers take some
    milliseconds. What `make` gives must not hold the network itself, or neither is ever freed;
    networks that share its layers are well.
    """
    kept: WeakKeyDictionary[keras.Model, dict[tuple[Hashable, ...], T]] = WeakKeyDictionary()

    @wraps(make)
    def given(network: keras.Model, *which: Hashable) -> T:
        found = kept.setdefault(network, {})
        if which not in found:
            found[which] = make(network, *which)
        return found[which]

    return given

"""What runs record while they train, read once for all who look: each look takes only what is new.

A class has thirty pages that follow runs every second, and a wall that follows all of them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import History, ReadHistory, follow
from fmnist_core.runs.pinned_images import hides_drawings
from fmnist_core.runs.trace import Trace, read_trace

T = TypeVar("T")


class _Followed(Generic[T]):
    """The latest of each file, of at most `most` files: who was not asked for longest goes."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._known: OrderedDict[Hashable, T] = OrderedDict()

    def read(self, key: Hashable, more: Callable[[T | None], T]) -> T:
        """What is known of this file and `more` adds to it."""
        with self._lock:
            found = self._known[key] = more(self._known.pop(key, None))
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        return found


_histories: _Followed[ReadHistory] = _Followed(400)
# A trace holds weights and predictions over the epochs.
_traces: _Followed[Trace] = _Followed(40)


def history_of(folder: RunFolder) -> History:
    """The run's history up to now."""
    path = folder.events_path
    return _histories.read(path, lambda known: follow(path, known)).history


def trace_of(folder: RunFolder) -> Trace:
    """The run's trace up to now."""
    # Drawings that its owner pinned are read for them and the teacher alone.
    key = folder.trace_path, hides_drawings(folder)
    return _traces.read(key, lambda known: read_trace(folder, known))

"""What runs record while they train, read once for all who look: each look takes only what is new.

A class has thirty pages that follow runs every second, and a wall that follows all of them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from fmnist_core.atomic_files import stamp
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import History, ReadHistory, follow
from fmnist_core.runs.pinned_images import hides_drawings
from fmnist_core.runs.trace import Trace, read_trace

T = TypeVar("T", ReadHistory, Trace)

# Of the files that are kept in mind, together; of one alone it may be more.
_MOST_BYTES = 64_000_000


@dataclass
class _Entry(Generic[T]):
    """Attributes:
    file: The file's inode: a file that was replaced is another.
    """

    file: int
    known: T | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class _Followed(Generic[T]):
    """The latest of each file; who was not asked for longest goes first.

    Who reads a large file for the first time keeps nobody else from reading another.
    """

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._entries: OrderedDict[tuple[Path, bool], _Entry[T]] = OrderedDict()

    def read(self, path: Path, more: Callable[[T | None], T], *, hides: bool = False) -> T:
        """What is known of this file and `more` adds to it.

        Args:
            hides: Whether it is read for somebody who may not see all of it.
        """
        file = stamp(path)[2]
        with self._lock:
            for key in ((path, False), (path, True)):
                # What was deleted from a file is to be forgotten here, too.
                if key in self._entries and self._entries[key].file != file:
                    del self._entries[key]
            entry = self._entries.pop((path, hides), None) or _Entry(file)
            self._entries[path, hides] = entry
        with entry.lock:
            found = entry.known = more(entry.known)
        self._forget()
        return found

    def _forget(self) -> None:
        with self._lock:
            kept = sum(one.known.offset for one in self._entries.values() if one.known)
            while len(self._entries) > self._most or (
                kept > _MOST_BYTES and len(self._entries) > 1
            ):
                _, gone = self._entries.popitem(last=False)
                kept -= gone.known.offset if gone.known else 0


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
    hides = hides_drawings(folder)
    return _traces.read(folder.trace_path, lambda known: read_trace(folder, known), hides=hides)

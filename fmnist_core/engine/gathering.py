"""What takes a worker long, made in a thread while whoever wants it asks how far it is."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
Told = Callable[[float], None]

# Seconds until what failed is tried again: the disk may be back, the images mended.
TRIED_AGAIN = 60.0

log = logging.getLogger(__name__)


class Gathering(Generic[T]):
    """One such work.

    Attributes:
        found: What it made; None until then, and where it failed.
        share: How far it is, 0 to 1.
        going_on: Whether it is waited for.
        error: Why it failed.
    """

    def __init__(self, make: Callable[[Told], T], turn: threading.Lock) -> None:
        self.found: T | None = None
        self.share = 0.0
        self.going_on = True
        self.error: Exception | None = None
        self._failed_at: float | None = None
        self._turn = turn
        threading.Thread(target=self._run, args=(make,), name="gathering", daemon=True).start()

    @property
    def to_be_tried_again(self) -> bool:
        """Whether it failed, and some time ago: whoever asks often must not cost much."""
        return self._failed_at is not None and time.monotonic() > self._failed_at + TRIED_AGAIN

    def _run(self, make: Callable[[Told], T]) -> None:
        try:
            with self._turn:
                self.found = make(self._hear)
        except Exception as error:
            # Whoever asked goes on without it, and may say why.
            log.exception("A long work in the worker failed.")
            self.error, self._failed_at = error, time.monotonic()
        finally:
            self.going_on = False

    def _hear(self, share: float) -> None:
        self.share = share


class Gatherings(Generic[T]):
    """The last few of a kind, each begun at the first question about it, made one at a time."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._all: OrderedDict[Hashable, Gathering[T]] = OrderedDict()
        self._lock, self._turn = threading.RLock(), threading.Lock()

    def known(self, key: Hashable) -> Gathering[T] | None:
        """The one of this key; None where it has to be begun."""
        with self._lock:
            found = self._all.get(key)
            if found is None or found.to_be_tried_again:
                return None
            self._all.move_to_end(key)
            return found

    def forget(self, key: Hashable) -> None:
        """Lets the next question begin anew."""
        with self._lock:
            self._all.pop(key, None)

    def at(self, key: Hashable, make: Callable[[Told], T]) -> Gathering[T]:
        """The one of this key, begun now at the latest."""
        with self._lock:
            found = self.known(key)
            if found is None:
                found = self._all[key] = Gathering(make, self._turn)
            self._all.move_to_end(key)
            while len(self._all) > self._kept:
                self._all.popitem(last=False)
            return found

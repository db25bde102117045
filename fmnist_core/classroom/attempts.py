"""Wrong codes are counted, so that nobody tries them all."""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict, deque

from fmnist_core.errors import ClassError

_SECONDS = 300.0
# Senders that are remembered at once: a machine has many addresses to try from.
_MOST_SENDERS = 1000


class Attempts:
    """Wrong attempts of the last five minutes, by sender and in all. Safe for threads.

    Args:
        each: Of one sender, so many may be wrong.
        all_: Of all senders together.
    """

    def __init__(self, each: int, all_: int) -> None:
        self._each, self._all = each, all_
        self._wrong: defaultdict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def check(self, sender: str) -> None:
        """Raises ClassError: Too many were wrong; says for how long to wait."""
        with self._lock:
            self._forget_old()
            own = self._wrong.get(sender, deque())
            every = sorted(when for times in self._wrong.values() for when in times)
            waits = [
                times[-most] + _SECONDS - time.monotonic()
                for times, most in ((own, self._each), (every, self._all))
                if len(times) >= most
            ]
        if waits:
            minutes = math.ceil(max(waits) / 60)
            raise ClassError(
                "Too many wrong codes.",
                advice=f"Try again in {minutes} minute{'s' if minutes > 1 else ''}.",
            )

    def count(self, sender: str) -> None:
        """Notes a wrong attempt."""
        with self._lock:
            self._wrong[sender].append(time.monotonic())
            while len(self._wrong) > _MOST_SENDERS:
                del self._wrong[next(iter(self._wrong))]

    def _forget_old(self) -> None:
        begin = time.monotonic() - _SECONDS
        for sender in list(self._wrong):
            times = self._wrong[sender]
            while times and times[0] < begin:
                times.popleft()
            if not times:
                del self._wrong[sender]

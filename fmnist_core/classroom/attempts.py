"""What is counted, so that nobody tries all codes or fills the class by a script."""

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
    """Attempts of the last five minutes, by sender and in all; mostly wrong ones. Safe for threads.

    Args:
        each: So many are allowed to one sender.
        all_: To all senders together.
        rule: What is said when there are more.
    """

    def __init__(self, each: int, all_: int, rule: str = "Too many wrong codes.") -> None:
        self._each, self._all, self._rule = each, all_, rule
        self._times: defaultdict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def check(self, sender: str) -> None:
        """Raises ClassError: There were too many; says for how long to wait."""
        with self._lock:
            self._forget_old()
            own = self._times.get(sender, deque())
            every = sorted(when for times in self._times.values() for when in times)
            waits = [
                times[-most] + _SECONDS - time.monotonic()
                for times, most in ((own, self._each), (every, self._all))
                if len(times) >= most
            ]
        if waits:
            minutes = math.ceil(max(waits) / 60)
            raise ClassError(
                self._rule,
                advice=f"Try again in {minutes} minute{'s' if minutes > 1 else ''}.",
            )

    def count(self, sender: str) -> None:
        """Notes an attempt."""
        with self._lock:
            self._times[sender].append(time.monotonic())
            while len(self._times) > _MOST_SENDERS:
                del self._times[next(iter(self._times))]

    def _forget_old(self) -> None:
        begin = time.monotonic() - _SECONDS
        for sender in list(self._times):
            times = self._times[sender]
            while times and times[0] < begin:
                times.popleft()
            if not times:
                del self._times[sender]

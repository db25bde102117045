"""Work that takes the worker long, done in a thread while clients ask how far it is."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from fmnist_core.errors import EngineError, LabError

T = TypeVar("T")

# Seconds until what failed is tried again: the disk may be back, the images mended.
TRIED_AGAIN = 60.0

log = logging.getLogger(__name__)


class StillRunningError(Exception):
    """A question needs the result of a job that still runs: it is answered once that has ended."""

    def __init__(self, job: BackgroundJob) -> None:
        self.job = job


class BackgroundJob(Generic[T]):
    """One such work.

    Attributes:
        found: What it made; None until then, and where it failed.
        share: How far it is, 0 to 1.
        what: What it does now, for people; empty where it does not say.
        going_on: Whether it is waited for.
        failed_at: When it failed, on the monotonic clock.
        error: Why it failed; what no `LabError` explains is in the worker's log.
        stop: Set once nobody wants the result.
    """

    def __init__(self, make: Callable[[BackgroundJob[T]], T], turn: threading.Lock) -> None:
        self.found: T | None = None
        self.share = 0.0
        self.what = ""
        self.going_on = True
        self.error: LabError | None = None
        self.stop = threading.Event()
        self.failed_at: float | None = None
        self._turn = turn
        threading.Thread(target=self._run, args=(make,), name="background", daemon=True).start()

    def tell(self, share: float, what: str = "") -> None:
        """Says how far it is; called by the work itself."""
        self.share, self.what = share, what

    def result(self) -> T:
        """What it made.

        Raises:
            StillRunningError: It has not ended.
            LabError: Why it failed.
        """
        if self.going_on:
            raise StillRunningError(self)
        if self.error is not None:
            raise self.error
        assert self.found is not None
        return self.found

    def _run(self, make: Callable[[BackgroundJob[T]], T]) -> None:
        try:
            with self._turn:
                self.found = make(self)
            self.tell(1.0)
        except Exception as error:
            # Clients go on without it, and may say why.
            if not self.stop.is_set():
                log.exception("A background job failed.")
            received = f"{type(error).__name__}: {str(error)[:200]}"
            failure = EngineError("The worker failed; see its log.", received=received)
            self.error = error if isinstance(error, LabError) else failure
            self.failed_at = time.monotonic()
        finally:
            self.going_on = False


class BackgroundJobs(Generic[T]):
    """The last few of a kind, each begun at the first question about it, run one at a time."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._jobs: OrderedDict[Hashable, BackgroundJob[T]] = OrderedDict()
        self._lock, self._turn = threading.RLock(), threading.Lock()

    def get(self, key: Hashable) -> BackgroundJob[T] | None:
        """The job of this key, also one that failed; None where there was none."""
        with self._lock:
            return self._jobs.get(key)

    def known(self, key: Hashable) -> BackgroundJob[T] | None:
        """The job of this key; None where it has to be begun, or begun again."""
        with self._lock:
            found = self._jobs.get(key)
            if found is None:
                return None
            # Not at once: clients that ask often must not cost much.
            if found.failed_at is not None and time.monotonic() > found.failed_at + TRIED_AGAIN:
                return None
            self._jobs.move_to_end(key)
            return found

    def forget(self, key: Hashable) -> None:
        """Asks the job to stop, and lets the next question begin anew."""
        with self._lock:
            if (found := self._jobs.pop(key, None)) is not None:
                found.stop.set()

    def at(
        self, key: Hashable, make: Callable[[BackgroundJob[T]], T], *, again: bool = False
    ) -> BackgroundJob[T]:
        """The job of this key, begun now at the latest.

        Args:
            again: Whether one that failed is begun again at once, and not only after a while.
        """
        with self._lock:
            found = self.known(key)
            if found is None or (again and found.error is not None):
                found = self._jobs[key] = BackgroundJob(make, self._turn)
            self._jobs.move_to_end(key)
            ended = [old for old, job in self._jobs.items() if not job.going_on and old != key]
            for old in ended[: max(0, len(self._jobs) - self._kept)]:
                del self._jobs[old]
            return found

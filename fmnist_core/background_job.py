"""Long work in a thread of its own: how far it is, what came of it, and a way to stop it."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar, cast

from fmnist_core.errors import LabError
from fmnist_core.permissions import carried

T = TypeVar("T")

# Seconds until what failed is tried again: the disk may be back, the images mended.
RETRY_AFTER = 60.0
# Before so much is done, its pace says little about the rest.
_TELLING_SHARE = 0.04

log = logging.getLogger(__name__)


class StoppedError(Exception):
    """Somebody asked the work to end."""


class StillRunningError(Exception):
    """A question needs the result of a job that still runs: it is answered once that has ended."""

    def __init__(self, job: Job) -> None:
        self.job = job


class Report(Protocol):
    """Hears from work which share is done, 0 to 1, and what is done now, for people.

    Work of several steps, which take a network or a machine each its own time, tells the share of
    the present step: it begins with 0 again.

    Raises:
        StoppedError: Nobody wants the result any more.
    """

    def __call__(self, share: float, what: str = "") -> None: ...


@dataclass(frozen=True, eq=False)
class JobState(Generic[T]):
    """The state of a job; by default one that was not started.

    Attributes:
        running: Whether it is waited for, also where it waits for its turn.
        share: How much is done, 0 to 1.
        what: What is done now, for people; empty where the work does not say.
        seconds_left: Estimated from the pace of the present step; None where that is not known.
        result: What it made; None until then.
        error: Why it failed; what no `LabError` explains is in the log.
        stopped: Whether it ended without a result because somebody asked.
    """

    running: bool = False
    share: float = 0.0
    what: str = ""
    seconds_left: float | None = None
    result: T | None = None
    error: LabError | None = None
    stopped: bool = False


def seconds_left(
    share: float, seconds: float, *, begun_at: float = 0.0, telling: float = _TELLING_SHARE
) -> float | None:
    """The expected seconds left at the pace so far; None if too little is done.

    Args:
        share: How much is done, 0 to 1.
        seconds: What it took since `begun_at`, the share with which the work began.
        telling: The share that says something about the rest.
    """
    done = share - begun_at
    if done < telling or share >= 1:
        return None
    return seconds * (1 - share) / done


class Job(Generic[T]):
    """One piece of work, begun at once.

    Args:
        make: Does the work; it gets the `Report` to call, and the event that is set once it
            should stop, for work that cannot report often.
        turn: Held while the work is done, where only one at a time should be.

    Attributes:
        ended_at: On the monotonic clock; None while it runs.
    """

    def __init__(
        self,
        make: Callable[[Report, threading.Event], T],
        turn: AbstractContextManager[object] | None = None,
    ) -> None:
        self.ended_at: float | None = None
        self._state = JobState[T](running=True)
        self._stop = threading.Event()
        # The share with which the present step began, and when: a download may go on from its half.
        self._begun: tuple[float, float] | None = None
        self._thread = threading.Thread(
            target=carried(self._run), args=(make, turn or nullcontext()), name="job", daemon=True
        )
        self._thread.start()

    def state(self) -> JobState[T]:
        """Its current state."""
        state = self._state
        if not state.running:
            return state
        if self._stop.is_set():
            return replace(state, what="Stopping")
        if self._begun is None:
            return state
        share, since = self._begun
        left = seconds_left(state.share, time.monotonic() - since, begun_at=share)
        return replace(state, seconds_left=left)

    def stop(self) -> None:
        """Asks it to end; it does so when its work reports next, or never begins."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Waits at most so long for its end; returns whether it has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self) -> T:
        """Its result.

        Raises:
            StillRunningError: It has not ended.
            LabError: Why it failed.
            StoppedError: It was stopped.
        """
        state = self._state
        if state.running:
            raise StillRunningError(self)
        if state.error is not None:
            raise state.error
        if state.stopped:
            raise StoppedError
        return cast("T", state.result)

    def _report(self, share: float, what: str = "") -> None:
        if self._stop.is_set():
            raise StoppedError
        if self._begun is None or share <= self._begun[0]:
            self._begun = share, time.monotonic()
        self._state = JobState(True, share, what)

    def _run(
        self,
        make: Callable[[Report, threading.Event], T],
        turn: AbstractContextManager[object],
    ) -> None:
        try:
            with turn:
                if self._stop.is_set():
                    raise StoppedError
                ended = JobState(share=1.0, result=make(self._report, self._stop))
        except Exception as error:
            ended = self._failed(error)
        self._state = ended
        self.ended_at = time.monotonic()

    def _failed(self, error: Exception) -> JobState[T]:
        share = self._state.share
        if self._stop.is_set() or isinstance(error, StoppedError):
            return JobState(share=share, stopped=True)
        if isinstance(error, LabError):
            log.warning("A job failed. %s", error)
            return JobState(share=share, error=error.to_keep())
        log.exception("A job failed.")
        received = f"{type(error).__name__}: {str(error)[:200]}"
        unforeseen = LabError("Something unforeseen went wrong; see the log.", received=received)
        return JobState(share=share, error=unforeseen)


class Jobs(Generic[T]):
    """The last few of a kind by their keys, run one at a time.

    Args:
        kept: Older ones that have ended are forgotten where there are more.
        retry_after: Seconds until one that failed may be begun again.
    """

    def __init__(self, kept: int, retry_after: float = RETRY_AFTER) -> None:
        self.kept, self.retry_after = kept, retry_after
        self._jobs: OrderedDict[Hashable, Job[T]] = OrderedDict()
        self._lock, self._turn = threading.RLock(), threading.Lock()

    def get(self, key: Hashable) -> Job[T] | None:
        """The job of this key; None where it has to be begun, or begun again."""
        with self._lock:
            found = self._jobs.get(key)
            if found is None or self._is_to_retry(found):
                return None
            self._jobs.move_to_end(key)
            return found

    def state(self, key: Hashable) -> JobState[T]:
        """The state of the job of this key."""
        job = self.get(key)
        return JobState() if job is None else job.state()

    def at(
        self,
        key: Hashable,
        make: Callable[[Report, threading.Event], T],
        *,
        retry: bool = False,
    ) -> Job[T]:
        """The job of this key, begun now at the latest.

        Args:
            retry: Whether one that failed is begun again at once, and not only after a while.
        """
        with self._lock:
            found = self.get(key)
            if found is None or (retry and found.state().error is not None):
                found = self._jobs[key] = Job(make, self._turn)
                self._jobs.move_to_end(key)
            ended = [old for old, job in self._jobs.items() if job.ended_at and old != key]
            for old in ended[: max(0, len(self._jobs) - self.kept)]:
                del self._jobs[old]
            return found

    def stop(self, key: Hashable) -> bool:
        """Stops the job and forgets it, unless it ended well; returns whether it was running."""
        with self._lock:
            state = self.state(key)
            if state.result is None and (job := self._jobs.pop(key, None)) is not None:
                job.stop()
            return state.running

    def _is_to_retry(self, job: Job[T]) -> bool:
        state = job.state()
        if state.error is None or job.ended_at is None:
            return state.stopped
        # Not at once: clients that ask often must not cost much.
        return time.monotonic() > job.ended_at + self.retry_after

"""Work in the background: it tells how far it is, can be stopped, and is tried again."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from dataclasses import asdict

import pytest

from fmnist_core import background_job
from fmnist_core.background_job import (
    Job,
    Jobs,
    JobState,
    Report,
    StillRunningError,
    StoppedError,
    seconds_left,
)
from fmnist_core.errors import DataError, LabError

PATIENCE = 30.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets so many seconds pass."""
    now = [1000.0]

    class Clock:
        monotonic = staticmethod(lambda: now[0])

    def passes(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(background_job, "time", Clock)
    return passes


class Work:
    """Reports what it is told to, until it is let go."""

    def __init__(self, result: str = "made") -> None:
        self.began, self.may_end = threading.Event(), threading.Event()
        self.result, self.report = result, None

    def __call__(self, report: Report, stopped: threading.Event) -> str:
        self.report = report
        self.began.set()
        assert self.may_end.wait(PATIENCE)
        report(1.0)
        return self.result


def ended(job: Job) -> JobState:
    assert job.wait(PATIENCE)
    return job.state()


def fail(report: Report, stopped: threading.Event) -> str:
    raise OSError("The disk is away.")


def make(report: Report, stopped: threading.Event) -> str:
    return "made"


def test_it_tells_how_far_it_is_and_what_came_of_it(clock: Callable[[float], None]) -> None:
    work = Work()
    job = Job(work)
    assert work.began.wait(PATIENCE)
    work.report(0.25, "reading")
    state = job.state()
    assert (state.running, state.share, state.what, state.result) == (True, 0.25, "reading", None)
    with pytest.raises(StillRunningError):
        job.result()
    work.may_end.set()
    state = ended(job)
    assert (state.running, state.share, state.result) == (False, 1.0, "made")
    assert state.seconds_left is None
    assert job.result() == "made"


def test_seconds_left_are_estimated_from_the_share_it_began_with(
    clock: Callable[[float], None],
) -> None:
    work = Work()
    job = Job(work)
    assert work.began.wait(PATIENCE)
    assert job.state().seconds_left is None
    # A download that goes on where another one ended, after a while of preparation.
    clock(100)
    work.report(0.5)
    assert job.state().seconds_left is None
    clock(10)
    work.report(0.51)
    # Too little to tell.
    assert job.state().seconds_left is None
    work.report(0.6)
    assert job.state().seconds_left == pytest.approx(40)
    clock(10)
    assert job.state().seconds_left == pytest.approx(80)
    # Another step, at another pace.
    work.report(0.0)
    assert job.state().seconds_left is None
    clock(1)
    work.report(0.5)
    assert job.state().seconds_left == pytest.approx(1)
    work.may_end.set()
    ended(job)


@pytest.mark.parametrize(
    ("share", "begun_at", "left"),
    [(0.0, 0.0, None), (0.03, 0.0, None), (0.25, 0.0, 30.0), (0.5, 0.4, 50.0), (1.0, 0.0, None)],
)
def test_the_rest_takes_as_long_as_the_pace_says(
    share: float, begun_at: float, left: float | None
) -> None:
    found = seconds_left(share, 10.0, begun_at=begun_at)
    assert found == (None if left is None else pytest.approx(left))


def test_a_stop_is_heard_at_the_next_report() -> None:
    work = Work()
    job = Job(work)
    assert work.began.wait(PATIENCE)
    job.stop()
    assert (job.state().running, job.state().what) == (True, "Stopping")
    work.may_end.set()
    state = ended(job)
    assert (state.running, state.stopped, state.result, state.error) == (False, True, None, None)
    with pytest.raises(StoppedError):
        job.result()


def test_work_that_reports_seldom_can_wait_for_the_stop() -> None:
    def wait(report: Report, stopped: threading.Event) -> None:
        assert stopped.wait(PATIENCE)
        raise DataError("Not the whole of it.")

    job = Job(wait)
    job.stop()
    state = ended(job)
    assert (state.stopped, state.error) == (True, None)


def test_stopped_before_its_turn_it_does_not_begin() -> None:
    turn, work = threading.Lock(), Work()
    with turn:
        job = Job(work, turn)
        assert job.state().running
        job.stop()
    assert ended(job).stopped
    assert not work.began.is_set()


def test_an_error_reaches_the_state() -> None:
    def broken(report: Report, stopped: threading.Event) -> None:
        raise DataError("The images are of another kind.", received=3, advice="Get others.")

    job = Job(broken)
    error = ended(job).error
    assert isinstance(error, DataError)
    assert error.advice == "Get others."
    with pytest.raises(DataError, match="of another kind"):
        job.result()


def test_what_nobody_foresaw_is_told_too() -> None:
    error = ended(Job(fail)).error
    assert isinstance(error, LabError)
    assert "OSError: The disk is away" in str(error)


def test_a_state_travels_between_processes() -> None:
    state = JobState(True, 0.5, "reading", 3.0, error=DataError("A rule."))
    there = pickle.loads(pickle.dumps(state))
    assert asdict(there) | {"error": None} == asdict(state) | {"error": None}
    assert str(there.error) == "A rule."


def test_one_of_a_key_is_begun_once() -> None:
    jobs = Jobs[str](2)
    assert jobs.state("key").running is False
    first = jobs.at("key", make)
    assert jobs.at("key", make) is first
    assert ended(first).result == jobs.state("key").result == "made"


def test_they_take_turns() -> None:
    jobs, first, second = Jobs[str](2), Work("first"), Work("second")
    jobs.at(1, first)
    assert first.began.wait(PATIENCE)
    waiting = jobs.at(2, second)
    assert not second.began.wait(0.05)
    assert waiting.state().running
    first.may_end.set()
    second.may_end.set()
    assert ended(waiting).result == "second"


def test_what_failed_is_tried_again_after_a_while_or_when_that_is_wanted(
    clock: Callable[[float], None],
) -> None:
    jobs = Jobs[str](2, retry_after=60.0)
    first = jobs.at("key", fail)
    ended(first)
    assert jobs.at("key", make) is first
    again = jobs.at("key", fail, retry=True)
    assert again is not first
    ended(again)
    clock(59)
    assert jobs.state("key").error is not None
    clock(2)
    assert jobs.get("key") is None
    assert jobs.state("key").error is None
    assert ended(jobs.at("key", make)).result == "made"
    clock(1000)
    assert jobs.state("key").result == "made"


def test_the_oldest_that_ended_are_forgotten() -> None:
    jobs, works = Jobs[str](2), [Work(), Work()]
    running = [jobs.at(number, work) for number, work in enumerate(works)]
    third = jobs.at(2, make)
    # What goes on is not forgotten for newer work.
    assert [jobs.get(number) for number in range(2)] == running
    for work in works:
        work.may_end.set()
    for one in (*running, third):
        ended(one)
    assert jobs.get(0) is running[0]
    # Asked for last, it is the newest.
    fourth = jobs.at(3, make)
    ended(fourth)
    assert [jobs.get(number) for number in range(4)] == [running[0], None, None, fourth]


def test_one_that_is_stopped_is_forgotten_and_one_that_ended_well_is_not() -> None:
    jobs, work = Jobs[str](2), Work()
    going_on = jobs.at("going on", work)
    assert work.began.wait(PATIENCE)
    assert jobs.stop("going on")
    assert jobs.get("going on") is None
    work.may_end.set()
    assert ended(going_on).stopped
    ended(jobs.at("done", make))
    assert not jobs.stop("done")
    assert jobs.state("done").result == "made"
    ended(jobs.at("failed", fail))
    assert not jobs.stop("failed")
    assert jobs.get("failed") is None
    assert not jobs.stop("unknown")

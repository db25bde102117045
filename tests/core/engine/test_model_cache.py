"""The one call that asks networks in the worker: what waits there, and for what."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator

import pytest

from fmnist_core.engine.inference import background_job, model_cache, worker_client
from fmnist_core.engine.inference.background_job import BackgroundJob, BackgroundJobs
from fmnist_core.engine.inference.model_cache import WarmModel
from fmnist_core.engine.inference.worker_client import QUESTIONS, answer, question
from fmnist_core.errors import DataError, EngineError
from tests.core.engine.conftest import PATIENCE, wait_for

# More than asyncio has threads for.
CLASS = 5 * ((os.cpu_count() or 1) + 4)


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> Iterator[BackgroundJobs[str]]:
    """Background jobs, and a table of questions that other tests do not see."""
    monkeypatch.setattr(model_cache, "warm", lambda: None)
    monkeypatch.setattr(worker_client, "QUESTIONS", dict(QUESTIONS))
    return BackgroundJobs(1)


def ended(job: BackgroundJob[str]) -> BackgroundJob[str]:
    wait_for(lambda: not job.going_on, PATIENCE, "the end of the job")
    return job


def test_those_who_wait_for_a_job_leave_room_for_those_who_do_not(
    jobs: BackgroundJobs[str],
) -> None:
    done = threading.Event()

    def make(job: BackgroundJob[str]) -> str:
        assert done.wait(PATIENCE)
        return "map"

    @question()
    def slow(model: WarmModel) -> str:
        return jobs.at(model, make).result()

    @question()
    def quick(model: WarmModel) -> str:
        return "answer"

    async def ask() -> None:
        waiting = [asyncio.ensure_future(answer("digest", "", slow.name)) for _ in range(CLASS)]
        await asyncio.sleep(0.2)
        try:
            found = await asyncio.wait_for(answer("digest", "", quick.name), PATIENCE / 4)
        finally:
            done.set()
        assert found == ("answer",)
        assert await asyncio.gather(*waiting) == [("map",)] * CLASS

    asyncio.run(ask())


def test_a_question_that_never_reads_the_network_does_not_need_it(
    jobs: BackgroundJobs[str],
) -> None:
    @question()
    def which(model: WarmModel) -> str:
        return model.dataset

    @question()
    def read(model: WarmModel) -> object:
        return model.network

    assert asyncio.run(answer("never sent", "garments", which.name)) == ("garments",)
    assert asyncio.run(answer("never sent", "garments", read.name)) is None


def test_two_questions_of_one_name_are_an_error(jobs: BackgroundJobs[str]) -> None:
    with pytest.raises(ValueError, match="scores"):

        @question()
        def scores(model: WarmModel) -> None: ...


def test_what_fails_is_begun_again_when_that_is_wanted_or_after_a_while(
    jobs: BackgroundJobs[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(job: BackgroundJob[str]) -> str:
        raise OSError("The disk is away.")

    first = ended(jobs.at("key", fail))
    assert isinstance(first.error, EngineError)
    assert "The disk is away." in str(first.error)
    assert jobs.at("key", fail) is first
    again = ended(jobs.at("key", fail, again=True))
    assert again is not first
    monkeypatch.setattr(background_job, "TRIED_AGAIN", 0.0)
    assert jobs.known("key") is None
    assert jobs.get("key") is again


def test_what_the_lab_can_explain_is_told_as_it_is(jobs: BackgroundJobs[str]) -> None:
    def fail(job: BackgroundJob[str]) -> str:
        raise DataError("The images are of another kind.")

    with pytest.raises(DataError, match="of another kind"):
        ended(jobs.at("key", fail)).result()


def test_work_that_goes_on_is_not_forgotten_for_newer_work(jobs: BackgroundJobs[str]) -> None:
    done = threading.Event()

    def wait(job: BackgroundJob[str]) -> str:
        assert done.wait(PATIENCE)
        return "done"

    first, second = jobs.at("first", wait), jobs.at("second", wait)
    assert jobs.get("first") is first
    done.set()
    ended(first)
    ended(second)
    jobs.at("third", wait)
    assert jobs.get("first") is jobs.get("second") is None

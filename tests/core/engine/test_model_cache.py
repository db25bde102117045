"""The one call that asks networks in the worker: what waits there, and for what."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator

import pytest

from fmnist_core.background_job import Jobs, Report
from fmnist_core.engine.inference import model_cache, worker_client
from fmnist_core.engine.inference.model_cache import WarmModel
from fmnist_core.engine.inference.worker_client import QUESTIONS, answer, question
from tests.core.engine.conftest import PATIENCE

# More than asyncio has threads for.
CLASS = 5 * ((os.cpu_count() or 1) + 4)


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs[str]]:
    """Background jobs, and a table of questions that other tests do not see."""
    monkeypatch.setattr(model_cache, "warm", lambda: None)
    monkeypatch.setattr(worker_client, "QUESTIONS", dict(QUESTIONS))
    return Jobs(1)


def test_those_who_wait_for_a_job_leave_room_for_those_who_do_not(
    jobs: Jobs[str],
) -> None:
    done = threading.Event()

    def make(report: Report, stopped: threading.Event) -> str:
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
    jobs: Jobs[str],
) -> None:
    @question()
    def which(model: WarmModel) -> str:
        return model.dataset

    @question()
    def read(model: WarmModel) -> object:
        return model.network

    assert asyncio.run(answer("never sent", "garments", which.name)) == ("garments",)
    assert asyncio.run(answer("never sent", "garments", read.name)) is None


def test_two_questions_of_one_name_are_an_error(jobs: Jobs[str]) -> None:
    with pytest.raises(ValueError, match="scores"):

        @question()
        def scores(model: WarmModel) -> None: ...

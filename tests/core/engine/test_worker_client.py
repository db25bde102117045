"""Asking a worker that others ask too, what it is asked, and what waits there for what."""

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fmnist_core.background_job import Jobs, Report
from fmnist_core.config import RunConfig
from fmnist_core.engine import client
from fmnist_core.engine.inference import model_cache, worker_client
from fmnist_core.engine.inference.model_cache import LoadedModel, take_network
from fmnist_core.engine.inference.predictions import scores
from fmnist_core.engine.inference.worker_client import QUESTIONS, InferenceWorker, answer, question
from fmnist_core.errors import ConfigError, EngineError, InputError
from fmnist_core.explain.ablation import Ablation
from fmnist_core.explain.convolution_step import Place
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import SHIPPED, SHIPPED_EVERYDAY, ModelRef
from fmnist_core.settings import load_settings
from tests.core.engine.conftest import PATIENCE


class CrowdedWorker:
    """Stands for the way to a worker that keeps a network only for so many questions."""

    def __init__(self, orphaned_runs: int) -> None:
        self.orphaned_runs, self.taken = orphaned_runs, 0

    def sync(self, _call: Any, _wait: float, function: Any, *_arguments: Any) -> Any:
        if function is take_network:
            self.taken += 1
            return None
        self.orphaned_runs -= 1
        return None if self.orphaned_runs >= 0 else ("scores",)


@pytest.fixture
def asked(tmp_path: Path) -> ModelRef:
    folder = RunFolder.create(tmp_path, RunConfig())
    folder.model_path.write_bytes(b"network")
    return ModelRef(folder.id, folder, folder.model_path)


def ask(worker: CrowdedWorker, asked: ModelRef) -> Any:
    images = np.zeros((1, 28, 28), np.uint8)
    return InferenceWorker(worker, "here", load_settings()).ask(asked, scores, images)


def test_a_network_is_sent_to_a_worker_that_lacks_it(asked):
    worker = CrowdedWorker(orphaned_runs=1)
    assert ask(worker, asked) == "scores"
    assert worker.taken == 1


def test_a_network_pushed_out_before_it_could_answer_is_an_error(asked):
    with pytest.raises(EngineError, match="too many networks at once"):
        ask(CrowdedWorker(orphaned_runs=2), asked)


# More than asyncio has threads for.
CLASS = 5 * ((os.cpu_count() or 1) + 4)


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs[str]]:
    """Background jobs, and a table of questions that other tests do not see."""
    monkeypatch.setattr(model_cache, "warm", lambda: None)
    monkeypatch.setattr(worker_client, "QUESTIONS", dict(QUESTIONS))
    return Jobs(1)


def test_those_who_wait_for_a_job_leave_room_for_those_who_do_not(jobs):
    done = threading.Event()

    def make(report: Report, stopped: threading.Event) -> str:
        assert done.wait(PATIENCE)
        return "map"

    @question()
    def slow(model: LoadedModel) -> str:
        return jobs.at(model, make).result()

    @question()
    def quick(model: LoadedModel) -> str:
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


def test_a_question_that_never_reads_the_network_does_not_need_it(jobs):
    @question()
    def which(model: LoadedModel) -> str:
        return model.dataset

    @question()
    def read(model: LoadedModel) -> object:
        return model.network

    assert asyncio.run(answer("never sent", "garments", which.name)) == ("garments",)
    assert asyncio.run(answer("never sent", "garments", read.name)) is None


def test_two_questions_of_one_name_are_an_error(jobs):
    with pytest.raises(ValueError, match="scores"):

        @question()
        def scores(model: LoadedModel) -> None: ...


BAD_IMAGES = {
    "small": np.zeros((27, 28), np.uint8),
    "large": np.zeros((280, 280), np.uint8),
    "coloured": np.zeros((28, 28, 3), np.uint8),
    "in a batch": np.zeros((1, 28, 28), np.uint8),
    "of shares": np.zeros((28, 28), np.float32),
    "of nothing": np.zeros((0,), np.uint8),
}


@pytest.mark.parametrize("image", BAD_IMAGES.values(), ids=BAD_IMAGES)
@pytest.mark.parametrize(
    "ask",
    [
        lambda image, settings: client.predict_calibrated(SHIPPED, image[None], settings),
        lambda image, settings: client.explain_prediction(SHIPPED, image, settings),
        lambda image, settings: client.feature_maps_of(SHIPPED_EVERYDAY, image, settings),
        lambda image, settings: client.grad_cam_of(SHIPPED_EVERYDAY, image, 0, settings),
        lambda image, settings: client.occlusion_of(SHIPPED_EVERYDAY, image, 0, settings),
        lambda image, settings: client.attribution_of(SHIPPED_EVERYDAY, image, 0, settings),
        lambda image, settings: client.step_through(
            SHIPPED_EVERYDAY, image, Place("block1_conv1", 0, 0, 0), settings
        ),
        lambda image, settings: client.ablate(
            SHIPPED_EVERYDAY, image, Ablation("noise", strength=9.0), settings
        ),
        lambda image, settings: client.place_on_map(SHIPPED_EVERYDAY, image, settings),
    ],
)
def test_images_of_the_wrong_size_are_refused_before_they_are_sent(ask, image, settings):
    with pytest.raises(InputError, match="28x28"):
        ask(image, settings)


@pytest.mark.parametrize("label", [-1, 10, 10**9])
def test_a_class_that_there_is_not_is_refused(label, settings):
    with pytest.raises(ConfigError, match="from 0 to 9"):
        client.grad_cam_of(SHIPPED_EVERYDAY, np.zeros((28, 28), np.uint8), label, settings)

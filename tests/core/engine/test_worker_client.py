"""Asking a worker that others ask too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fmnist_core.config import RunConfig
from fmnist_core.engine.inference.model_cache import take_network
from fmnist_core.engine.inference.predictions import scores
from fmnist_core.engine.inference.worker_client import WarmWorker
from fmnist_core.errors import EngineError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import ModelRef
from fmnist_core.settings import load_settings


class CrowdedWorker:
    """Stands for the way to a worker that keeps a network only for so many questions."""

    def __init__(self, forgotten: int) -> None:
        self.forgotten, self.taken = forgotten, 0

    def sync(self, _call: Any, _wait: float, function: Any, *_arguments: Any) -> Any:
        if function is take_network:
            self.taken += 1
            return None
        self.forgotten -= 1
        return None if self.forgotten >= 0 else ("scores",)


@pytest.fixture
def asked(tmp_path: Path) -> ModelRef:
    folder = RunFolder.create(tmp_path, RunConfig())
    folder.model_path.write_bytes(b"network")
    return ModelRef(folder.id, folder, folder.model_path)


def ask(worker: CrowdedWorker, asked: ModelRef) -> Any:
    images = np.zeros((1, 28, 28), np.uint8)
    return WarmWorker(worker, "here", load_settings()).ask(asked, scores, images)


def test_a_network_is_sent_to_a_worker_that_lacks_it(asked: ModelRef) -> None:
    worker = CrowdedWorker(forgotten=1)
    assert ask(worker, asked) == "scores"
    assert worker.taken == 1


def test_a_network_pushed_out_before_it_could_answer_is_an_error(asked: ModelRef) -> None:
    with pytest.raises(EngineError, match="too many networks at once"):
        ask(CrowdedWorker(forgotten=2), asked)

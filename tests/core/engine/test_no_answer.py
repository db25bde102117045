"""What a person reads where the engine does not answer."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest

from fmnist_core.engine import client, lifecycle
from fmnist_core.engine.inference import worker_client
from fmnist_core.engine.inference.worker_client import with_worker
from fmnist_core.errors import EngineError
from fmnist_core.settings import load_settings
from tests.core.engine.conftest import PATIENCE


@pytest.mark.parametrize(
    ("error", "rule", "received"),
    [
        (TimeoutError(), "The engine did not answer in time.", None),
        (OSError("gone"), "The engine gave no answer.", "OSError: gone"),
    ],
)
def test_a_timeout_is_called_so(monkeypatch, error, rule, received):
    def use(worker):
        raise error

    class Info:
        address = "tcp://127.0.0.1:1"

    monkeypatch.setattr(lifecycle, "ensure_engine", lambda settings: Info())
    monkeypatch.setattr(worker_client, "_connected", lambda address, settings: nullcontext())
    monkeypatch.setattr(worker_client, "_warm_address", lambda client: "")
    with pytest.raises(EngineError) as raised:
        with_worker(load_settings(), use)
    assert (raised.value.rule, raised.value.received) == (rule, received)
    assert "engine stop" in raised.value.advice


@pytest.mark.engine
def test_an_answer_that_is_late_for_one_costs_nobody_else_theirs(lab):
    client.ensure_engine(lab.settings)

    def asked(wait: float, seconds: float) -> str:
        said: str = with_worker(
            lab.settings, lambda worker: worker.call(wait, asyncio.sleep, seconds, "answer")
        )
        return said

    assert asked(PATIENCE, 0) == "answer"
    with ThreadPoolExecutor(1) as other:
        patient = other.submit(asked, PATIENCE, 8)
        time.sleep(0.5)
        with pytest.raises(EngineError, match="did not answer in time"):
            asked(0.2, 9)
        assert not patient.done()
        assert patient.result() == "answer"

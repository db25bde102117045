"""What a person reads where the engine does not answer."""

import pytest

from fmnist_core.engine import lifecycle
from fmnist_core.engine.inference import worker_client
from fmnist_core.engine.inference.worker_client import with_worker
from fmnist_core.errors import EngineError
from fmnist_core.settings import load_settings


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
    monkeypatch.setattr(worker_client, "_client", lambda address, settings: None)
    monkeypatch.setattr(worker_client, "_warm_address", lambda client: "")
    with pytest.raises(EngineError) as raised:
        with_worker(load_settings(), use)
    assert (raised.value.rule, raised.value.received) == (rule, received)
    assert "engine stop" in raised.value.advice

"""`engine start|status|stop`, as a person types it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fmnist_core.cli.main import main
from fmnist_core.engine import client
from fmnist_core.settings import load_settings

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def _no_engine_is_left(home: Path) -> Iterator[None]:
    yield
    client.stop_engine(load_settings())


def test_start_status_stop(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["engine", "status"]) == 0
    assert "not running" in capsys.readouterr().out
    assert main(["engine", "start", "--json"]) == 0
    started = json.loads(capsys.readouterr().out)
    assert (started["running"], started["busy"], started["queued"]) == (True, 0, 0)
    assert main(["engine", "status"]) == 0
    assert f"process {started['pid']}" in capsys.readouterr().out
    assert main(["engine", "stop", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["running"] is False
    assert main(["engine", "stop"]) == 0
    assert "No engine was running" in capsys.readouterr().out

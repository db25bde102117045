"""One engine at a time, found again by anybody, outliving who started it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fmnist_core.engine import client
from fmnist_core.settings import Settings, load_settings
from tests.core.engine.conftest import is_dead

pytestmark = pytest.mark.engine

_ENSURE = (
    "from fmnist_core.engine.client import ensure_engine\n"
    "from fmnist_core.settings import load_settings\n"
    "print(ensure_engine(load_settings()).pid)"
)


@pytest.fixture
def settings(home: Path) -> Iterator[Settings]:
    settings = load_settings()
    yield settings
    client.stop_engine(settings)


def test_two_that_start_it_at_once_get_the_same_engine_and_it_outlives_them(
    settings: Settings,
) -> None:
    starters = [
        subprocess.Popen([sys.executable, "-c", _ENSURE], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    pids = {int(starter.communicate(timeout=40)[0]) for starter in starters}
    assert len(pids) == 1
    assert client.ensure_engine(settings).pid in pids
    assert client.engine_status(settings).running
    assert client.stop_engine(settings)
    assert is_dead(pids.pop())
    assert not client.stop_engine(settings)


def test_without_an_engine_the_status_says_so(settings: Settings) -> None:
    status = client.engine_status(settings)
    assert (status.running, status.busy, status.queued) == (False, 0, 0)
    assert not client.heal(settings)

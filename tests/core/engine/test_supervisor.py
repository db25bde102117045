"""A killed engine comes back with no page open; what fails again and again is not hammered."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from fmnist_core.atomic_files import read_json, write_json
from fmnist_core.cli.main import main
from fmnist_core.engine import client, lifecycle, supervisor
from fmnist_core.engine.lifecycle import Failure
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings, load_settings
from tests.core.engine.conftest import PATIENCE, is_dead, wait_for
from tests.nets import PLAIN


@pytest.fixture
def settings(home: Path) -> Iterator[Settings]:
    settings = load_settings()
    yield settings
    client.stop_engine(settings)
    assert not lifecycle.is_supervised(settings)


def _pid(settings: Settings, name: str) -> int:
    return int(read_json(settings.engine_dir / f"{name}.pid")["pid"])


@pytest.mark.engine
def test_each_of_the_two_starts_the_other_again_and_a_stop_by_hand_ends_both(settings):
    first = client.ensure_engine(settings).pid
    mine = _pid(settings, "supervisor")
    rss = psutil.Process(mine).memory_info().rss
    assert rss < 25e6, f"{rss / 1e6:.1f} MB"
    psutil.Process(first).kill()
    wait_for(lambda: client.engine_status(settings).pid not in (0, first), PATIENCE, "it back")
    second = client.engine_status(settings).pid
    psutil.Process(mine).kill()
    wait_for(lambda: client.engine_status(settings).supervised, PATIENCE, "a supervisor")
    other = wait_for(
        lambda: _pid(settings, "supervisor") != mine and _pid(settings, "supervisor"),
        PATIENCE,
        "its note",
    )
    assert client.engine_status(settings).pid == second, "the engine that runs is adopted"
    psutil.Process(second).kill()
    wait_for(
        lambda: client.engine_status(settings).pid not in (0, second), PATIENCE, "it back again"
    )
    third = client.engine_status(settings).pid
    assert client.stop_engine(settings)
    assert is_dead(other)
    assert is_dead(third)
    time.sleep(0.5)
    assert lifecycle.presence(settings) == "stopped"


@pytest.mark.engine
def test_a_home_has_one_supervisor_and_two_homes_have_two(settings, tmp_path):
    other = Settings(home=tmp_path / "other", slots=1, offline=True)
    assert lifecycle.start_beside(settings)
    assert not lifecycle.start_supervisor(settings)
    assert lifecycle.start_beside(other)
    assert client.stop_engine(other)
    assert lifecycle.is_supervised(settings)


@pytest.mark.engine
def test_both_end_when_their_home_is_replaced_and_start_nothing_in_the_new_one(settings):
    engine = client.ensure_engine(settings).pid
    mine = _pid(settings, "supervisor")
    settings.home.rename(settings.home.with_name("old"))
    settings.engine_dir.mkdir(parents=True)
    wait_for(lambda: is_dead(engine) and is_dead(mine), PATIENCE, "the end of both")
    assert not lifecycle.is_supervised(settings)
    assert not lifecycle.is_alive(settings)


@pytest.mark.engine
def test_an_engine_that_is_stopped_on_its_way_to_work_ends(settings, monkeypatch):
    lifecycle.start_beside(settings)
    wait_for(lambda: lifecycle.is_alive(settings), PATIENCE, "its lock")
    client.stop_engine(settings)
    wait_for(lambda: not lifecycle.is_alive(settings), PATIENCE, "its end")
    assert not lifecycle.is_supervised(settings)


class _Engines:
    """In the place of engines: each lives for so many seconds and ends with a status."""

    def __init__(self, settings: Settings, monkeypatch: pytest.MonkeyPatch, *lives: float) -> None:
        self.begun: list[float] = []
        self._now, self._lives, self._settings = 1000.0, list(lives), settings
        settings.engine_dir.mkdir(parents=True)
        monkeypatch.chdir(settings.engine_dir)
        monkeypatch.setattr(time, "monotonic", lambda: self._now)
        monkeypatch.setattr(time, "sleep", self._sleep)
        monkeypatch.setattr(lifecycle, "spawn_engine", self._spawn)

    def _sleep(self, seconds: float) -> None:
        self._now += seconds

    def _spawn(self, settings: Settings) -> "_Engines":
        self.begun.append(self._now)
        self._ends = self._now + (self._lives.pop(0) if self._lives else 0.0)
        if not self._lives and len(self.begun) > 30:
            lifecycle.halted_path(settings).touch()
        return self

    def poll(self) -> int | None:
        return 3 if self._now >= self._ends else None

    @property
    def pauses(self) -> list[int]:
        return [int(b - a + 1e-6) for a, b in zip(self.begun, self.begun[1:], strict=False)]


def test_an_engine_that_fails_at_once_is_tried_ever_more_rarely_and_then_no_more(
    settings, monkeypatch
):
    RunFolder.create(settings.runs_dir, PLAIN)
    engines = _Engines(settings, monkeypatch)
    assert supervisor.supervise(settings) == 1
    assert engines.pauses == [0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert lifecycle.presence(settings) == "given up"
    assert not client.recover_engine(settings), "only a person starts the next one"
    assert "failed 10 times in a row and is not started again" in client.start_failure(settings)
    assert "status 3" in client.start_failure(settings)


def test_an_engine_that_worked_for_a_while_had_nothing_to_do_with_failures_before(
    settings, monkeypatch
):
    engines = _Engines(settings, monkeypatch, 0, 0, 0, 40)
    supervisor.supervise(settings)
    assert engines.pauses[:6] == [0, 1, 2, 40, 1, 2]


def test_a_stop_by_hand_ends_the_wait_for_the_next_try(settings, monkeypatch):
    engines = _Engines(settings, monkeypatch)
    sleep = time.sleep

    def stopped(seconds: float) -> None:
        sleep(seconds)
        if len(engines.begun) == 4:
            lifecycle.halted_path(settings).touch()

    monkeypatch.setattr(time, "sleep", stopped)
    assert supervisor.supervise(settings) == 0
    assert len(engines.begun) == 4


def test_each_state_has_its_sentence(settings, monkeypatch, capsys):
    def told() -> str:
        assert main(["engine", "status"]) == 0
        return capsys.readouterr().out

    monkeypatch.setattr(lifecycle, "is_supervised", lambda settings: True)
    assert "starting" in told()
    write_json(lifecycle.info_path(settings), {})
    assert "was killed and is being restarted" in told()
    lifecycle.note_failure(settings, Failure("No disk.", failures=3, retry=time.time() + 8.4))
    assert "failed 3 times in a row; the next try is in 8 s. No disk." in told()
    lifecycle.note_failure(settings, Failure("No disk.", failures=10, retry=None))
    assert "failed 10 times in a row and is not started again. No disk." in told()
    lifecycle.halted_path(settings).touch()
    assert "stopped by hand" in told()
    monkeypatch.setattr(lifecycle, "is_supervised", lambda settings: False)


def test_the_supervisor_loads_nothing_large():
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import fmnist_core.engine.supervisor, json, sys\n"
            "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    large = {"tensorflow", "keras", "dask", "distributed", "numpy", "streamlit", "asyncio"}
    assert not large & set(json.loads(said))

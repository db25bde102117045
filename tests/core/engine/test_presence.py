"""One engine at a time, found again by anybody, outliving who started it; its commands."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fmnist_core.atomic_files import write_json
from fmnist_core.cli.main import main
from fmnist_core.engine import client, lifecycle
from fmnist_core.engine.inference.predictions import predict_calibrated
from fmnist_core.errors import EngineError, StorageError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import SHIPPED_CATALOGUE
from fmnist_core.settings import Settings, load_settings
from tests.core.engine.conftest import PATIENCE, is_dead, wait_for
from tests.nets import PLAIN

pytestmark = pytest.mark.engine
_ENSURE = (
    "from fmnist_core.engine.client import ensure_engine\n"
    "from fmnist_core.settings import load_settings\n"
    "print(ensure_engine(load_settings()).pid)"
)


@pytest.fixture
def settings(home: Path) -> Iterator[Settings]:
    """A lab whose engine is stopped in the end."""
    settings = load_settings()
    yield settings
    client.stop_engine(settings)


def test_two_that_start_it_at_once_get_the_same_engine_and_it_outlives_them(settings):
    starters = [
        subprocess.Popen([sys.executable, "-c", _ENSURE], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    pids = {int(starter.communicate(timeout=PATIENCE)[0]) for starter in starters}
    assert len(pids) == 1
    assert client.ensure_engine(settings).pid in pids
    assert client.engine_status(settings).running
    assert client.stop_engine(settings)
    assert is_dead(pids.pop())
    assert not client.stop_engine(settings)


@pytest.mark.parametrize("version", ["0.1", "now"])
def test_a_process_that_was_given_the_engine_s_number_is_left_alone(settings, version):
    """Somebody holds the lock, and the note is of an engine that is long gone."""
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    note = other.pid if version == "0.1" else {"pid": other.pid, "began": 1.0e9}
    with lifecycle.only_engine(settings) as alone:
        assert alone
        write_json(settings.engine_dir / "engine.pid", note)
        assert not client.stop_engine(settings)
    assert other.poll() is None
    other.kill()
    other.wait()


def test_an_engine_that_was_stopped_by_hand_stays_stopped_until_it_is_started(settings):
    client.ensure_engine(settings)
    client.stop_engine(settings)
    image = np.zeros((1, 28, 28), np.uint8)
    with pytest.raises(EngineError, match="stopped") as caught:
        predict_calibrated(SHIPPED_CATALOGUE, image, settings)
    assert "engine start" in caught.value.advice
    assert not lifecycle.is_alive(settings)
    client.ensure_engine(settings)
    assert len(predict_calibrated(SHIPPED_CATALOGUE, image, settings).probabilities) == 1


def test_no_other_account_can_read_what_the_lab_writes(settings):
    settings.home.mkdir(mode=0o755, parents=True, exist_ok=True)
    settings.home.chmod(0o755)
    line = [sys.executable, "-m", "fmnist_core", "engine", "start"]
    subprocess.run(line, check=True, env={**os.environ, "FMNIST_HOME": str(settings.home)})
    RunFolder.create(settings.runs_dir, PLAIN)
    client.engine_status(settings)
    there = [settings.home, *settings.engine_dir.rglob("*"), *settings.home.glob("*.sqlite*")]
    assert len(there) > 4
    assert [path for path in there if path.lstat().st_mode & 0o077 and not path.is_symlink()] == []


def test_without_an_engine_the_status_says_so(settings):
    status = client.engine_status(settings)
    assert (status.running, status.busy, status.queued) == (False, 0, 0)
    assert not client.recover_engine(settings)


@pytest.fixture
def lonely(tmp_path: Path) -> Iterator[Settings]:
    """A lab whose scheduler does not exist, with a run that waits."""
    settings = Settings(home=tmp_path / "lonely", scheduler="nonsense://nowhere:1", slots=1)
    RunFolder.create(settings.runs_dir, PLAIN)
    yield settings
    client.stop_engine(settings)


def test_an_engine_that_cannot_start_is_explained_and_not_started_at_every_tick(lonely):
    assert client.start_failure(lonely) == ""
    assert client.recover_engine(lonely)
    reason = wait_for(lambda: client.start_failure(lonely), PATIENCE, "the reason")
    assert "The engine did not start" in reason
    assert "nonsense" in reason
    wait_for(lambda: client.engine_status(lonely).failures == 2, PATIENCE, "another try")
    assert [client.recover_engine(lonely) for _ in range(5)] == [False] * 5
    assert "failed 2 times in a row" in client.start_failure(lonely)


def test_a_failure_is_forgotten_when_the_engine_works_or_is_stopped(settings):
    lifecycle.write_failure(settings, EngineError("No.", advice="Do."))
    told = f"The engine did not start. No. Do. Its log: {lifecycle.log_path(settings)}"
    assert client.start_failure(settings) == told
    client.ensure_engine(settings)
    assert client.start_failure(settings) == ""
    lifecycle.write_failure(settings, EngineError("No."))
    client.stop_engine(settings)
    assert client.start_failure(settings) == ""


def test_an_engine_that_python_itself_ends_is_explained_by_the_end_of_its_log(
    settings, tmp_path, monkeypatch
):
    lifecycle.log_path(settings).parent.mkdir(parents=True)
    lifecycle.log_path(settings).write_text("OldError: of yesterday\n")
    # The name of a module that the engine imports, found before the real one.
    (tmp_path / "dask.py").write_text("raise ImportError('a broken\\n  installation')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(EngineError, match="ImportError: a broken") as told:
        client.ensure_engine(settings)
    assert str(lifecycle.log_path(settings)) in str(told.value)
    assert "ImportError: a broken" in client.start_failure(settings)
    (tmp_path / "dask.py").write_text("import os; os._exit(3)")
    with pytest.raises(EngineError, match="ended with status 3") as told:
        client.ensure_engine(settings)
    assert "Error:" not in str(told.value)


def test_an_engine_that_gets_no_folder_says_so(settings):
    settings.home.mkdir(exist_ok=True)
    settings.engine_dir.write_text("in the way")
    assert client.start_failure(settings) == ""
    with pytest.raises(StorageError, match="engine"):
        client.ensure_engine(settings)
    settings.engine_dir.unlink()


def test_start_status_stop(settings, capsys):
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

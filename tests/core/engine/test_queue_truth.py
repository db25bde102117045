"""The queue and the run folders, where one is a step behind, damaged, or hard to delete."""

import asyncio
import errno
import os
from pathlib import Path
from typing import Any

import pytest

from fmnist_core.cli.main import main
from fmnist_core.config import RunConfig
from fmnist_core.engine import client
from fmnist_core.engine.server.dispatcher import Dispatcher
from fmnist_core.engine.server.recovery import adopt_orphans
from fmnist_core.engine.submission import queue_of
from fmnist_core.errors import RunError, StorageError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import Settings
from tests.core.engine.conftest import age


class _Scheduler:
    """One free worker that nobody gets to: a run claimed for it would only be lost."""

    async def identity(self) -> dict[str, Any]:
        facts = {"resources": {"train": 1}, "name": "w", "host": "", "last_seen": 1.0}
        return {"workers": {"tcp://127.0.0.1:9": facts}}


class _Client:
    status = "running"
    scheduler = _Scheduler()


def _look(settings: Settings) -> None:
    """One turn of the engine's dispatcher."""

    async def turn() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(0.01, stop.set)
        await Dispatcher(_Client(), settings).run(stop)

    asyncio.run(turn())


def _ended(settings: Settings, config: RunConfig, state: str) -> RunFolder:
    run = client.submit(config, settings=settings)
    folder = RunFolder.open(settings.runs_dir, run.run_id)
    folder.change_status(state=state)
    return folder


def test_a_dispatcher_that_looks_in_the_middle_of_a_resume_does_no_harm(
    settings, config, monkeypatch
):
    folder = _ended(settings, config, "stopped")
    queue_of(settings).set_state(folder.id, "stopped")
    write = RunFolder.set_status

    def look_then_write(self: RunFolder, *arguments: Any) -> Any:
        _look(settings)
        return write(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(RunFolder, "set_status", look_then_write)
        client.resume(folder.id, settings)
    turn = queue_of(settings).next_queued()
    assert (turn.id, folder.status.state) == (folder.id, "queued")


def test_a_run_that_cannot_go_on_beside_its_like_keeps_its_state(settings, config):
    folder = _ended(settings, config, "stopped")
    other = client.submit(config, settings=settings)
    assert not other.already, "the row of the stopped run was behind its folder"
    with pytest.raises(RunError, match="same configuration"):
        client.resume(folder.id, settings)
    assert folder.status.state == "stopped"


@pytest.mark.parametrize("state", ["finished", "failed"])
def test_a_row_that_is_behind_does_not_stand_for_a_new_submission(settings, config, state):
    ended = _ended(settings, config, state)
    again = client.submit(config, settings=settings)
    assert not again.already
    row = queue_of(settings).get(ended.id)
    assert row.state == state


@pytest.mark.parametrize("row", ["none", "stopped"])
def test_a_run_that_is_in_its_folder_only_is_found_while_the_engine_runs(settings, config, row):
    queue_of(settings).counts()  # made before the folder, as by an engine that runs already
    folder = RunFolder.create(settings.runs_dir, config)
    if row == "stopped":
        queue_of(settings).add(folder.id, fingerprint=config.fingerprint)
        queue_of(settings).set_state(folder.id, "stopped")
    _look(settings)
    assert queue_of(settings).next_queued() is None, "its submission may still be under way"
    age(folder)
    adopt_orphans(queue_of(settings), settings)
    turn = queue_of(settings).next_queued()
    assert turn.id == folder.id


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize("worker", ["here", "training-1"])
def test_only_what_the_engine_began_goes_on_unasked(settings, config, capsys, worker, indexed):
    folder = RunFolder.create(settings.runs_dir, config)
    if indexed:  # as an earlier version listed those of the command line as well
        queue_of(settings).add(folder.id, fingerprint=config.fingerprint)
        queue_of(settings).claim(folder.id, worker)
    folder.change_status(state="running", worker=worker, epoch=2)
    age(folder)
    _look(settings)
    turn = queue_of(settings).next_queued()
    if worker != "here":
        assert turn.id == folder.id
        return
    assert turn is None
    assert queue_of(settings).counts().get("running", 0) == 0
    assert not client.recover_engine(settings)
    assert main(["runs", "list"]) == 0
    assert f"Interrupted, and not continued unasked: {folder.id}" in capsys.readouterr().out


def test_an_interrupted_run_is_continued_or_left_as_the_person_says(settings, config, capsys):
    folder = RunFolder.create(settings.runs_dir, config)
    folder.change_status(state="running", worker="here", epoch=2)
    age(folder)
    assert main(["runs", "leave", folder.id]) == 0
    assert (folder.status.state, list_runs(settings)[0].interrupted) == ("crashed", False)
    assert main(["runs", "leave", folder.id]) == 1
    assert "is not interrupted" in capsys.readouterr().err
    assert main(["runs", "continue", folder.id]) == 0
    assert "goes on after epoch 2" in capsys.readouterr().out
    turn = queue_of(settings).next_queued()
    assert turn.id == folder.id


def test_a_forgotten_run_that_was_stopped_ends(settings, config):
    folder = _ended(settings, config, "queued")
    folder.control.change(stop=True)
    queue_of(settings).stop_waiting(folder.id)
    age(folder)
    adopt_orphans(queue_of(settings), settings)
    assert folder.status.state == "stopped"
    assert queue_of(settings).counts() == {"stopped": 1}


def test_a_forgotten_run_waits_for_its_like(settings, config):
    active_run = client.submit(config, settings=settings)
    twin = RunFolder.create(settings.runs_dir, config)
    age(twin)
    adopt_orphans(queue_of(settings), settings)
    assert [row.id for row in queue_of(settings).in_state("queued")] == [active_run.run_id]


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk whose folder of runs lets nothing go: root may do what permissions forbid."""

    def refuse(self: Path, target: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self))

    monkeypatch.setattr(Path, "rename", refuse)


@pytest.mark.parametrize("name", ["Foreign Folder, not a run", "20260101-damaged-0000"])
def test_a_damaged_or_foreign_folder_is_deleted(settings, name):
    folder = settings.runs_dir / name
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{")
    assert [run.id for run in list_runs(settings)] == [name]
    client.delete_run(name, settings)
    assert list(settings.runs_dir.iterdir()) == []


@pytest.mark.parametrize("name", ["nobody", "..", ".", "", "../home", ".trash-1", "/etc"])
def test_what_is_no_run_is_not_deleted(settings, name):
    (settings.runs_dir / ".trash-1").mkdir(parents=True)
    with pytest.raises(RunError, match="no such run"):
        client.delete_run(name, settings)
    assert settings.home.is_dir()


def test_a_disk_that_does_not_allow_it_is_told_and_the_run_is_whole(
    settings, config, read_only, capsys
):
    folder = _ended(settings, config, "stopped")
    before = sorted(path.name for path in folder.path.iterdir())
    with pytest.raises(StorageError, match="cannot be deleted"):
        client.delete_run(folder.id, settings)
    assert main(["runs", "delete", folder.id, "--yes"]) == 1
    said = capsys.readouterr()
    assert "Read-only file system" in said.err
    assert "Deleted" not in said.out
    assert set(before) <= {path.name for path in folder.path.iterdir()}


def test_half_deleted_runs_are_not_taken_for_runs(settings, config):
    folder = _ended(settings, config, "queued")
    folder.path.rename(settings.runs_dir / ".trash-1")
    assert list_runs(settings) == []
    settings.index_path.unlink()
    assert queue_of(settings).counts() == {}

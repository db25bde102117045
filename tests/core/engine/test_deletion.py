"""Deleting what can hardly be deleted: damaged folders, and on a disk that does not allow it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from fmnist_core.cli.main import main
from fmnist_core.config import RunConfig
from fmnist_core.engine import client
from fmnist_core.errors import RunError, StorageError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.index import RunIndex
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import Settings


def _run(settings: Settings, config: RunConfig) -> RunFolder:
    run = client.submit(config, settings=settings)
    return RunFolder.open(settings.runs_dir, run.run_id)


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk whose folder of runs lets nothing go: root may do what permissions forbid."""

    def refuse(self: Path, target: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self))

    monkeypatch.setattr(Path, "rename", refuse)


@pytest.mark.parametrize("name", ["Foreign Folder, not a run", "20260101-damaged-0000"])
def test_a_damaged_or_foreign_folder_is_deleted(settings: Settings, name: str) -> None:
    folder = settings.runs_dir / name
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{")
    assert [run.id for run in list_runs(settings)] == [name]
    client.delete_run(name, settings)
    assert list(settings.runs_dir.iterdir()) == []


@pytest.mark.parametrize("name", ["nobody", "..", ".", "", "../home", ".trash-1", "/etc"])
def test_what_is_no_run_is_not_deleted(settings: Settings, name: str) -> None:
    (settings.runs_dir / ".trash-1").mkdir(parents=True)
    with pytest.raises(RunError, match="no such run"):
        client.delete_run(name, settings)
    assert settings.home.is_dir()


def test_a_disk_that_does_not_allow_it_is_told_and_the_run_is_whole(
    settings: Settings, config: RunConfig, read_only: None, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _run(settings, config)
    folder.change_status(state="stopped")
    before = sorted(path.name for path in folder.path.iterdir())
    with pytest.raises(StorageError, match="cannot be deleted"):
        client.delete_run(folder.id, settings)
    assert main(["runs", "delete", folder.id, "--yes"]) == 1
    said = capsys.readouterr()
    assert "Read-only file system" in said.err
    assert "Deleted" not in said.out
    assert set(before) <= {path.name for path in folder.path.iterdir()}


def test_half_deleted_runs_are_not_taken_for_runs(settings: Settings, config: RunConfig) -> None:
    folder = _run(settings, config)
    folder.path.rename(settings.runs_dir / ".trash-1")
    assert list_runs(settings) == []
    settings.index_path.unlink()
    assert RunIndex(settings.index_path, settings.runs_dir).counts() == {}

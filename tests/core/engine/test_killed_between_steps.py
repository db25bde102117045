"""`kill -9` before every single file operation of submitting, mirroring and deleting a run."""

import itertools
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

from fmnist_core.engine import client
from fmnist_core.engine.chunks import Report
from fmnist_core.engine.deletion import empty_trash
from fmnist_core.engine.server.recovery import adopt_orphans
from fmnist_core.engine.server.transfer import Mirror
from fmnist_core.engine.submission import queue_of
from fmnist_core.runs import library
from fmnist_core.runs.events import read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.runs.status import ACTIVE_STATES
from fmnist_core.settings import Settings
from tests.core.engine.conftest import age

# As Python's audit hooks call them; os.replace and Path.rename are "os.rename" too.
_STEPS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "sqlite3.connect")


def _dies_before(step: int, action: Callable[[], object], home: str) -> bool:
    """Runs `action` in a process that kills itself; False where it has fewer steps."""
    pid = os.fork()
    if pid == 0:
        steps = itertools.count(1)

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if event in _STEPS and str(arguments[0]).startswith(home) and next(steps) == step:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            action()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def _deaths(action: Callable[[], object], settings: Settings) -> Iterator[int]:
    """Every step before which `action` was killed, once each."""
    for step in itertools.count(1):
        if not _dies_before(step, action, str(settings.home)):
            assert step > 5
            return
        yield step


def test_a_submission_is_there_and_trained_once_or_not_there(settings, config, monkeypatch):
    # What was left half-born must not count as damaged because this machine is busy.
    monkeypatch.setattr(library, "_SECONDS_OF_BIRTH", 600.0)
    index = queue_of(settings)
    index.counts()
    seen = set()
    for step in _deaths(lambda: client.submit(config, settings=settings), settings):
        runs = list_runs(settings)
        assert [run.state for run in runs] in ([], ["queued"]), step
        for run in runs:
            age(RunFolder(settings.runs_dir / run.id))
        adopt_orphans(index, settings)
        assert [row.id for row in index.in_state("queued")] == [run.id for run in runs], step
        again = client.submit(config, settings=settings)
        assert again.already == bool(runs), step
        client.delete_run(again.run_id, settings)
        seen.add(len(runs))
    assert seen == {0, 1}


def test_what_was_mirrored_speaks_only_of_what_is_there(settings, config):
    weights = "checkpoints/epoch-0001.weights.h5"
    small = {
        weights: b"w" * 100,
        "model.keras": b"m" * 100,
        "evaluation.json": b"{}",
        "checkpoint.json": json.dumps({"file": "epoch-0001.weights.h5"}).encode(),
        "status.json": json.dumps({"state": "finished", "epoch": 1}).encode(),
    }
    diary = b'{"t": 1, "kind": "epoch", "epoch": 1}\n{"t": 2, "kind": "end"}\n'
    report = Report({"events.jsonl": diary}, dict.fromkeys(small, "1-1-1"), small)
    folder = RunFolder.create(settings.runs_dir, config)
    fresh = {path.name: path.read_bytes() for path in folder.path.iterdir()}
    for step in _deaths(lambda: Mirror(folder).store(report, {}), settings):
        if folder.status.state == "finished":
            assert folder.events_path.read_bytes() == diary, step
        if folder.events_path.exists() and read_events(folder.events_path)[0]:
            assert folder.resumable, step
        if folder.resumable:
            assert (folder.path / weights).read_bytes() == small[weights], step
        for name in (weights, "model.keras", "evaluation.json"):
            path = folder.path / name
            assert not path.exists() or path.read_bytes() == small[name], step
        shutil.rmtree(folder.path)
        folder.path.mkdir()
        for name, content in fresh.items():
            (folder.path / name).write_bytes(content)
    assert folder.status.state == "finished"


def test_a_deleted_run_is_whole_or_gone(settings, config):
    index = queue_of(settings)

    def make() -> tuple[RunFolder, list[str]]:
        run = client.submit(config, settings=settings)
        folder = RunFolder.open(settings.runs_dir, run.run_id)
        folder.control.change(pause=False)
        return folder, sorted(path.name for path in folder.path.iterdir())

    folder, whole = make()
    seen = set()

    def delete() -> None:
        client.delete_run(folder.id, settings)

    for step in _deaths(delete, settings):
        there = folder.path.exists()
        if there:
            assert sorted(path.name for path in folder.path.iterdir()) == whole, step
        assert [run.id for run in list_runs(settings)] == [folder.id] * there, step
        empty_trash(settings.runs_dir)
        assert [path.name for path in settings.runs_dir.iterdir()] == [folder.id] * there, step
        seen.add(there)
        if not there:
            folder, whole = make()
    assert seen == {True, False}
    assert index.in_state(*ACTIVE_STATES) == []

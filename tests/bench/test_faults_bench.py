"""`bench.faults`: a short lesson with each kind of kill, and that broken rules are told."""

import os

import pytest

from bench import faults
from fmnist_core.config import override
from fmnist_core.config.presets import preset
from fmnist_core.runs.events import EventWriter
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings


@pytest.mark.engine
def test_a_class_goes_on_whatever_is_killed(monkeypatch, capsys):
    for name in ("FMNIST_HOME", "FMNIST_OFFLINE"):  # set again afterwards
        monkeypatch.setenv(name, os.environ[name])
    lesson = ["--kills", "6", "--minutes", "8", "--images", "600", "--patience", "180"]
    status = faults.main(lesson)
    said = capsys.readouterr().out
    assert status == 0, said
    assert all(f"| {kind} | " in said for kind in faults.KINDS)


def _finished(*epochs: int) -> RunFolder:
    folder = RunFolder.create(load_settings().runs_dir, override(preset("tiny").config, []))
    writer = EventWriter(folder.events_path)
    writer.write("start", attempt=1, epoch=0, epochs=5, steps_per_epoch=9)
    for epoch in epochs:
        writer.write("epoch", epoch=epoch)
    writer.close()
    folder.change_status(state="finished")
    return folder


@pytest.mark.parametrize("epochs", [(1, 2, 2, 3, 4, 5), (1, 2, 4, 5)])
def test_an_epoch_that_is_logged_twice_or_never_is_told(home, epochs):
    room = faults.Classroom(load_settings(), 0, 1.0)
    room.runs = [_finished(*epochs)]
    room.check()
    assert any(f"its epochs in events.jsonl are {list(epochs)}" in one for one in room.broken)
    assert any("checkpoint or network does not open" in one for one in room.broken)
    assert any("it has no evaluation" in one for one in room.broken)


def test_the_table_has_a_row_a_kind_with_its_median_and_most():
    kills = [faults.Kill("child", seconds, seconds + 1) for seconds in (1.0, 2.0, 6.0)]
    kills.append(faults.Kill("server", 3.0, None))
    assert faults.summary(kills) == [
        ["child", "3", "2.0", "6.0", "3.0", "7.0", "2"],
        ["server", "1", "3.0", "3.0", "–", "–", "10"],
    ]

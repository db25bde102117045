import shutil

import pytest

from fmnist_core.config import override
from fmnist_core.config.presets import preset
from fmnist_core.errors import ConfigError, RunBusyError, RunError, StorageError
from fmnist_core.runs.events import EventWriter, read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.status import Control

TINY = preset("tiny").config


@pytest.fixture
def folder(tmp_path):
    return RunFolder.create(tmp_path, TINY)


def test_a_new_run_is_queued_and_found_again(tmp_path):
    made = RunFolder.create(tmp_path, TINY, name="My first", owner="ada")
    found = RunFolder.open(tmp_path, made.id)
    assert found.config == TINY
    assert (found.meta.name, found.meta.owner, found.status.state) == ("My first", "ada", "queued")
    assert found.status.epochs == TINY.training.epochs


@pytest.mark.parametrize("run_id", ["", "..", "../x", "a/b", "nobody", "A" * 200, "/etc"])
def test_an_identifier_that_names_no_run_is_refused(tmp_path, run_id):
    with pytest.raises(RunError, match="no such run"):
        RunFolder.open(tmp_path, run_id)


@pytest.mark.parametrize("name", ["a\nb", "x" * 81, "tab\there"])
def test_a_bad_name_is_refused(tmp_path, name):
    with pytest.raises(ConfigError, match="name"):
        RunFolder.create(tmp_path / "runs", TINY, name=name)
    assert not (tmp_path / "runs").exists()


def test_names_and_tags_can_be_changed_and_survive(tmp_path, folder):
    folder.describe(name="<b>Bold</b>")
    folder.describe(tags=("lesson 3", " best "))
    meta = RunFolder.open(tmp_path, folder.id).meta
    assert (meta.name, meta.tags) == ("<b>Bold</b>", ("lesson 3", "best"))
    folder.describe(name="   ")
    assert (folder.meta.name, folder.name) == ("", "Tiny")
    with pytest.raises(ConfigError):
        folder.describe(tags=("x",) * 11)


@pytest.mark.parametrize(
    "change", [{"name": "new", "tags": ("a\nb",)}, {"name": "a\nb", "tags": ()}]
)
def test_where_name_or_tags_are_refused_neither_is_changed(tmp_path, folder, change):
    folder.describe(name="old", tags=("one",))
    with pytest.raises(ConfigError):
        folder.describe(**change)
    assert (folder.meta.name, folder.meta.tags) == ("old", ("one",))


def test_a_folder_of_another_run_is_not_trained_in(tmp_path):
    RunFolder.at(tmp_path / "run", TINY)
    assert RunFolder.at(tmp_path / "run", TINY).config == TINY
    with pytest.raises(RunError, match="another configuration"):
        RunFolder.at(tmp_path / "run", override(TINY, ["seed=1"]))


def test_a_damaged_configuration_is_said_to_be_damaged(folder):
    (folder.path / "config.json").write_text("{")
    with pytest.raises(ConfigError, match="damaged"):
        _ = folder.config


def test_only_one_holds_a_folder(folder):
    with folder.hold():
        assert folder.held
        with pytest.raises(RunBusyError), folder.hold():
            pass
    assert not folder.held


def test_holding_a_folder_that_was_deleted_does_not_make_it_again(folder):
    shutil.rmtree(folder.path)
    assert not folder.held
    with pytest.raises(FileNotFoundError), folder.hold():
        pytest.fail("It holds nothing.")
    assert not folder.path.exists()


def test_wishes_reach_who_reads_them(folder):
    reader = folder.control
    assert reader.read() == Control()
    folder.control.change(pause=True)
    folder.control.change(learning_rate=0.5)
    assert reader.read() == Control(pause=True, learning_rate=0.5)


@pytest.mark.parametrize("rate", [float("nan"), 0, -1, 1e9, "fast"])
def test_a_learning_rate_out_of_range_is_refused_and_the_old_wish_stands(folder, rate):
    folder.control.change(learning_rate=0.5)
    with pytest.raises(ConfigError, match="learning_rate"):
        folder.control.change(learning_rate=rate)
    assert folder.control.read().learning_rate == 0.5


def test_events_are_read_from_where_one_left_off(tmp_path):
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path)
    writer.write("note", text="one")
    first, offset = read_events(path)
    writer.write("note", text="two")
    second, _ = read_events(path, offset)
    assert [event["text"] for event in first + second] == ["one", "two"]


def test_a_torn_line_costs_itself_alone(tmp_path):
    path = tmp_path / "events.jsonl"
    EventWriter(path).write("note", text="before")
    with path.open("ab") as file:
        file.write(b'{"kind": "batch", "lo')
    assert [event["text"] for event in read_events(path)[0]] == ["before"]
    EventWriter(path).write("note", text="after")
    assert [event["text"] for event in read_events(path)[0]] == ["before", "after"]


def test_a_half_written_line_is_waited_for(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"kind": "note", "te')
    events, offset = read_events(path)
    assert (events, offset) == ([], 0)
    with path.open("ab") as file:
        file.write(b'xt": "whole"}\n')
    assert [event["text"] for event in read_events(path, offset)[0]] == ["whole"]


def test_a_place_that_cannot_be_written_is_said_so(tmp_path):
    (tmp_path / "runs").write_text("a file in the way")
    with pytest.raises(StorageError, match="FMNIST_HOME"):
        RunFolder.create(tmp_path / "runs", TINY)

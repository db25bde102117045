"""The list of runs, whatever lies in their folder."""

import json
import os

import pytest

from fmnist_core.config import ModelConfig, RunConfig, TrainConfig, override
from fmnist_core.config.presets import preset
from fmnist_core.errors import LabError
from fmnist_core.runs.differences import config_differences
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import Settings


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path)


def make(settings, name="", **status):
    folder = RunFolder.create(settings.runs_dir, preset("tiny").config, name=name)
    folder.change_status(**status)
    return folder


def only(settings):
    (summary,) = list_runs(settings)
    return summary


def test_no_folder_means_no_runs(settings):
    assert list_runs(settings) == []


def test_a_summary_tells_what_the_table_shows(settings):
    folder = make(settings, "mine", state="finished", seconds=12.5, test_accuracy=0.9, epoch=8)
    folder.describe(tags=("good", "small"))
    found = only(settings)
    assert (found.id, found.name, found.tags) == (folder.id, "mine", ("good", "small"))
    assert (found.state, found.preset, found.data) == ("finished", "tiny", "fashion-mnist")
    assert (found.seconds, found.test_accuracy, found.epoch) == (12.5, 0.9, 8)
    assert 0 < found.parameters < 10_000


def test_newest_comes_first(settings):
    names = [make(settings, name).meta.name for name in ("first", "second", "third")]
    assert [summary.name for summary in list_runs(settings)] == names[::-1]


def test_data_comes_from_what_was_used_not_from_what_was_asked_for(settings):
    folder = make(settings, state="finished")
    data = {"name": "synthetic-garments", "official": False, "fingerprint": "ab", "source": "made"}
    (folder.path / "provenance.json").write_text(json.dumps({"data": data}))
    found = only(settings)
    assert (found.data, found.official, found.fingerprint) == ("synthetic-garments", False, "ab")


def test_changes_are_seen_at_once(settings):
    folder = make(settings, "before", state="finished")
    assert only(settings).name == "before"
    folder.describe(name="after")
    folder.change_status(state="failed", error="It broke.")
    found = only(settings)
    assert (found.name, found.state, found.error) == ("after", "failed", "It broke.")


def test_a_running_run_that_is_held_is_running_and_one_that_nobody_holds_has_crashed(settings):
    folder = make(settings, state="running", worker="here")
    with folder.hold():
        assert only(settings).state == "running"
    assert only(settings).state == "crashed"
    assert "ended unexpectedly" in only(settings).error


def test_a_run_whose_process_has_only_just_begun_is_running(settings):
    folder = make(settings, state="running", worker="here", pid=os.getpid())
    assert only(settings).state == "running"
    folder.change_status(pid=2**22 + 1)
    assert only(settings).state == "crashed"


def test_a_run_on_another_machine_is_left_to_the_engine(settings):
    make(settings, state="running", worker="tcp://10.0.0.5:4000")
    assert only(settings).state == "running"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", ""),
        ("config.json", "[]"),
        ("config.json", '{"model": {"blocks": 7}}'),
        ("config.json", '{"surprise": 1}'),
        ("meta.json", "[1]"),
        ("meta.json", '{"created": "noon"}'),
        ("meta.json", '{"tags": 3}'),
        ("status.json", '{"state": "flying"}'),
        ("status.json", '{"state": "finished", "seconds": "long"}'),
        ("status.json", '{"state": "finished", "test_accuracy": []}'),
        ("status.json", '{"state": ["finished"]}'),
        ("status.json", '{"state": "finished", "seco'),
        ("status.json", '{"state": "finished", "updated": 1e300}'),
        ("status.json", '{"state": "finished", "seconds": NaN}'),
        ("status.json", '{"state": "finished", "epoch": 1.5}'),
        ("status.json", '{"state": "finished", "test_accuracy": 2}'),
        ("status.json", '{"state": "finished", "error": 7}'),
        ("meta.json", '{"created": 1e300}'),
        ("meta.json", '{"created": NaN}'),
        ("meta.json", '{"name": ["a"]}'),
        ("meta.json", '{"na'),
    ],
)
def test_a_damaged_run_is_listed_with_the_reason_and_harms_no_other(settings, file, content):
    good, bad = make(settings, "good", state="finished"), make(settings, "bad", state="finished")
    (bad.path / file).write_text(content)
    found = {summary.id: summary for summary in list_runs(settings)}
    assert found[good.id].state == "finished"
    assert found[bad.id].state == "damaged"
    assert found[bad.id].error
    assert str(bad.path) in found[bad.id].advice


def test_a_foreign_folder_is_listed_and_a_file_is_not(settings):
    settings.runs_dir.mkdir()
    (settings.runs_dir / "holiday pictures").mkdir()
    os.utime(settings.runs_dir / "holiday pictures", (1, 1))
    (settings.runs_dir / "notes.txt").write_text("x")
    assert only(settings).state == "damaged"
    assert only(settings).id == "holiday pictures"


def test_a_folder_that_is_just_being_made_is_not_listed_yet(settings):
    (settings.runs_dir / "20260101-000000-tiny-abcd").mkdir(parents=True)
    assert list_runs(settings) == []


def test_a_file_in_place_of_the_folder_is_told_in_a_sentence(settings):
    settings.runs_dir.write_text("not a folder")
    with pytest.raises(LabError, match="cannot be read"):
        list_runs(settings)


def test_what_can_be_continued(settings):
    folder = make(settings, state="stopped")
    assert not only(settings).can_continue
    (folder.path / "checkpoint.json").write_text("{}")
    assert only(settings).can_continue
    folder.change_status(state="finished")
    assert not only(settings).can_continue


def test_meta_without_values_is_no_damage(settings):
    folder = make(settings, state="finished")
    (folder.path / "meta.json").unlink()
    assert only(settings).name == folder.name == "Tiny"


def test_differences_are_marked():
    plain = RunConfig()
    other = override(plain, ["learning_rate=0.01", "model.blocks.0.filters=8"])
    differing = [row for row in config_differences([plain, other]) if row.differs]
    assert {row.path: row.values for row in differing} == {
        "model.blocks.0.filters": ("32", "8"),
        "training.learning_rate": ("0.001", "0.01"),
    }


def test_differences_know_nets_of_other_depths():
    deep, flat = RunConfig(), RunConfig(model=ModelConfig(blocks=()), training=TrainConfig())
    rows = {row.path: row for row in config_differences([flat, deep])}
    assert rows["model.blocks.1.filters"].values == ("—", "64")
    assert not rows["training.epochs"].differs


@pytest.mark.parametrize("file", ["config.json", "meta.json", "status.json", "provenance.json"])
def test_a_folder_in_place_of_a_file_harms_no_other_run(settings, file):
    good, bad = make(settings, "good", state="finished"), make(settings, "bad", state="finished")
    (bad.path / file).unlink(missing_ok=True)
    (bad.path / file).mkdir()
    found = {summary.id: summary for summary in list_runs(settings)}
    assert found[good.id].state == "finished"
    assert (found[bad.id].state == "damaged") == (file != "provenance.json")


def test_a_status_that_is_cut_short_is_never_queued(settings):
    folder = make(settings, state="finished")
    whole = (folder.path / "status.json").read_text()
    for length in range(len(whole) - 1):
        (folder.path / "status.json").write_text(whole[:length])
        assert not folder.status.active

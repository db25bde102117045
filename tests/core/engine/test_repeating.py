"""One configuration with several seeds: queued, repeated, stopped."""

import json
from dataclasses import replace

import pytest

from fmnist_core.config import RunConfig, override
from fmnist_core.engine import client
from fmnist_core.engine.submission import queue_of
from fmnist_core.errors import ConfigError, RunError
from fmnist_core.evaluation import repeats_of
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs, summary_of
from fmnist_core.settings import Settings


def _folders(settings: Settings, submissions: tuple[client.Submission, ...]) -> list[RunFolder]:
    return [RunFolder.open(settings.runs_dir, each.run_id) for each in submissions]


def _seeds(folders: list[RunFolder]) -> list[int]:
    return [folder.config.training.seed for folder in folders]


def _finish(folder: RunFolder, fingerprint: str = "f") -> None:
    data = {"name": "synthetic-garments", "fingerprint": fingerprint}
    (folder.path / "provenance.json").write_text(json.dumps({"data": data}))
    folder.change_status(state="finished", test_accuracy=0.9)


def test_one_press_queues_consecutive_seeds_under_one_name(settings, config):
    config = override(config, ["seed=5"])
    done = client.repeat(config, 3, name="Mine", owner="ann", settings=settings)
    folders = _folders(settings, done)
    assert _seeds(folders) == [5, 6, 7]
    assert {folder.meta.name for folder in folders} == {"Mine"}
    assert queue_of(settings).waiting() == [folder.id for folder in folders]
    assert len(repeats_of(summary_of(folders[0]), list_runs(settings)).waiting) == 3


def test_pressed_again_only_the_missing_seeds_are_added(settings, config):
    first = client.repeat(config, 2, settings=settings)
    again = client.repeat(config, 3, settings=settings)
    assert [each.already for each in again] == [True, True, False]
    assert [each.run_id for each in again[:2]] == [each.run_id for each in first]
    assert len(list_runs(settings)) == 3


def test_many_seeds_of_one_person_do_not_keep_another_waiting(settings, config):
    ann = client.repeat(config, 3, owner="ann", settings=settings)
    ben = client.submit(override(config, ["epochs=2"]), owner="ben", settings=settings)
    queue_of(settings).claim(ann[0].run_id, "training-1")
    assert queue_of(settings).waiting() == [ben.run_id, ann[1].run_id, ann[2].run_id]


@pytest.mark.parametrize("count", [0, 31, "3"])
def test_an_absurd_number_makes_nothing(settings, config, count):
    with pytest.raises(ConfigError, match="number of seeds"):
        client.repeat(config, count, settings=settings)
    assert list_runs(settings) == []


def test_what_cannot_be_trained_makes_nothing(settings):
    impossible = replace(RunConfig(), model=replace(RunConfig().model, classes=7))
    with pytest.raises(ConfigError):
        client.repeat(impossible, 3, settings=settings)
    assert list_runs(settings) == []


def test_a_finished_run_is_repeated_with_seeds_it_was_not_tried_with(settings, config):
    config = override(config, ["seed=1"])
    folders = _folders(settings, client.repeat(config, 4, name="Mine", settings=settings))
    for folder, state in zip(folders[1:], ("failed", "stopped"), strict=False):
        folder.change_status(state=state)
        queue_of(settings).set_state(folder.id, state)
    _finish(folders[0])
    queue_of(settings).set_state(folders[0].id, "finished")
    more = _folders(settings, client.repeat_run(folders[0].id, 3, settings=settings))
    # 1 is done, 2 failed, 3 was stopped and has another try, 4 waits.
    assert _seeds(more) == [3, 5, 6]
    assert {folder.meta.name for folder in more} == {"Mine"}


@pytest.mark.parametrize("state", ["queued", "stopped", "failed"])
def test_only_what_trained_to_its_end_is_repeated(settings, config, state):
    (run,) = client.repeat(config, 1, settings=settings)
    RunFolder.open(settings.runs_dir, run.run_id).change_status(state=state)
    with pytest.raises(RunError, match="trained to its end"):
        client.repeat_run(run.run_id, 2, settings=settings)


def test_all_that_wait_are_stopped_and_what_trains_goes_on(settings, config):
    folders = _folders(settings, client.repeat(config, 3, settings=settings))
    queue_of(settings).claim(folders[0].id, "training-1")
    folders[0].change_status(state="running")
    stopped = client.stop_waiting([folder.id for folder in folders], settings)
    assert stopped == (folders[1].id, folders[2].id)
    assert [folder.status.state for folder in folders] == ["running", "stopped", "stopped"]
    assert not folders[0].control.read().stop
    assert queue_of(settings).waiting() == []
    assert client.stop_waiting(["no-such-run"], settings) == ()


@pytest.mark.engine
def test_seeds_are_trained_by_the_engine_and_make_one_group(lab):
    config = lab.config("epochs=1", "batch_size=32")
    done = client.repeat(config, 3, settings=lab.settings)
    folders = _folders(lab.settings, done)
    lab.wait_until(folders[0], "finished")
    client.stop_waiting([folders[2].id], lab.settings)
    lab.wait_until(folders[1], "finished")
    found = repeats_of(summary_of(folders[0]), list_runs(lab.settings))
    first = config.training.seed
    assert [run.seed for run in found.counted] == [first, first + 1]
    assert [run.seed for run in found.lost] == [first + 2]
    assert found.group.validation is not None
    (more,) = _folders(lab.settings, client.repeat_run(folders[0].id, 1, settings=lab.settings))
    assert more.config.training.seed == first + 2
    lab.wait_until(more, "finished")
    assert len(repeats_of(summary_of(more), list_runs(lab.settings)).counted) == 3

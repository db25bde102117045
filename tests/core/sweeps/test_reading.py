"""A sweep's folder: what it keeps, and what is made of one that is damaged."""

import json
import shutil

import pytest

from fmnist_core.config import RunConfig, override
from fmnist_core.config.presets import preset
from fmnist_core.errors import ConfigError, SweepError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from fmnist_core.sweeps import (
    Sweep,
    SweepConfig,
    SweepEnd,
    SweepFolder,
    Trial,
    list_sweeps,
    parse_dimension,
    read_sweep,
    unfinished,
)
from fmnist_core.sweeps.config import FIRST_FIELDS, fields_to_vary, suggested_dimension
from tests.core.conftest import learn

BASE = override(RunConfig(), ["dataset=synthetic-garments", "epochs=4"])
BATCH = "training.batch_size"


@pytest.fixture
def folder() -> SweepFolder:
    config = SweepConfig(BASE, (parse_dimension("batch_size=16,32,64"),))
    return SweepFolder.create(load_settings().sweeps_dir, config, name="first")


def now(folder: SweepFolder) -> Sweep:
    return read_sweep(folder, load_settings())


def begin(folder: SweepFolder, number: int, batch: int, *changes: str) -> RunFolder:
    """A trial whose run waits."""
    folder.note_trial(number, {BATCH: batch})
    config = override(BASE, [f"batch_size={batch}", *changes])
    run = RunFolder.create(load_settings().runs_dir, config)
    folder.write("run", number, run=run.id, own=True)
    return run


def test_a_trial_goes_from_waiting_to_training_to_its_figure(folder):
    run = begin(folder, 1, 16)
    assert now(folder).trials[0].state == "waiting"
    learn(run, 0.5, 0.7, 0.6)
    (trial,) = now(folder).trials
    assert (trial.state, trial.accuracies, trial.score) == ("training", (0.5, 0.7, 0.6), 0.7)
    assert now(folder).best is None
    run.change_status(state="finished")
    assert now(folder).best == now(folder).trials[0]


def test_where_last_weights_are_kept_the_last_figure_counts(folder):
    last = override(BASE, ["keep_weights=last"])
    config = SweepConfig(last, (parse_dimension("batch_size=16,32"),))
    other = SweepFolder.create(load_settings().sweeps_dir, config)
    learn(begin(other, 1, 16, "keep_weights=last"), 0.5, 0.7, 0.6, state="finished")
    assert now(other).trials[0].score == 0.6


def test_what_came_of_a_trial_outlives_its_run(folder):
    run = begin(folder, 1, 16)
    learn(run, 0.5, 0.7, state="finished")
    folder.note_end_of(now(folder).trials[0], "finished")
    shutil.rmtree(run.path)
    best = now(folder).best
    assert (best.score, best.accuracies, best.seconds) == (0.7, (0.5, 0.7), 4.0)


def test_a_run_that_was_deleted_while_it_trained_leaves_no_figure(folder):
    run = begin(folder, 1, 16)
    (run.path / "config.json").unlink()
    (trial,) = now(folder).trials
    assert (trial.state, trial.evaluated) == ("deleted", False)


def test_a_torn_line_of_the_diary_costs_nothing_but_itself(folder):
    begin(folder, 1, 16)
    with (folder.path / "trials.jsonl").open("a") as file:
        file.write('{"kind": "ended", "number": 1, "sta')
    folder.note_trial(2, {BATCH: 32})
    assert [trial.state for trial in now(folder).trials] == ["waiting", "new"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"config": {"basis": 1}}', '{"config": null}'])
def test_a_damaged_sweep_is_listed_with_its_reason_and_harms_no_other(folder, content):
    settings = load_settings()
    other = SweepFolder.create(settings.sweeps_dir, folder.read()[0], name="second")
    (folder.path / "sweep.json").write_text(content)
    found = {sweep.id: sweep for sweep in list_sweeps(settings)}
    assert found[folder.id].state == "damaged"
    assert found[folder.id].error
    assert not found[folder.id].active
    assert found[other.id].state == "running"
    assert [one.id for one in unfinished(settings)] == [other.id]


def test_it_is_over_once_its_end_is_written(folder):
    folder.control.change(stop=True)
    assert now(folder).state == "stopping"
    folder.note_trial(1, {BATCH: 16})
    folder.set_end(SweepEnd("stopped"))
    sweep = now(folder)
    assert (sweep.state, sweep.trials, sweep.active) == ("stopped", (), False)
    assert unfinished(load_settings()) == []


def test_the_time_left_follows_from_what_is_over(folder):
    assert now(folder).seconds_left(1) is None
    learn(begin(folder, 1, 16), 0.5, 0.6, 0.7, 0.8, state="finished")
    folder.note_end_of(now(folder).trials[0], "finished")
    diary = folder.path / "trials.jsonl"
    lines = [json.loads(line) for line in diary.read_text().splitlines()]
    lines[-1]["t"] = lines[-2]["t"] + 60
    diary.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert now(folder).seconds_left(1) == pytest.approx(120)
    assert now(folder).seconds_left(2) == pytest.approx(60)
    assert now(folder).seconds_left(9) == pytest.approx(60)


def test_there_is_no_such_sweep(folder):
    for wrong in ("nope", "../runs", "", "a" * 200):
        with pytest.raises(SweepError, match="no such sweep"):
            SweepFolder.open(load_settings().sweeps_dir, wrong)


def test_a_name_is_one_short_line(folder):
    with pytest.raises(ConfigError, match="30 characters"):
        SweepFolder.create(load_settings().sweeps_dir, folder.read()[0], name="x" * 31)


def test_malformed_lines_are_passed_over(folder):
    folder.write("ended", 5, state="finished")
    folder.write("trial", 1, values=[1])
    folder.note_trial(2, {BATCH: 16})
    folder.write("ended", 2, state="flying", accuracies=[])
    assert folder.trials == (Trial(2, {BATCH: 16}),)


def test_everything_a_form_offers_has_a_suggestion_that_is_valid():
    for name in ("tiny", "quick", "everyday"):
        base = preset(name).config
        offered = fields_to_vary(base)
        assert set(FIRST_FIELDS) <= set(offered)
        for path in offered:
            config = SweepConfig(base, (suggested_dimension(base, path),))
            assert config.total > 1

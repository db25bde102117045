"""What the engine does about sweeps, turn by turn; here the tests play the runs' trainings."""

import itertools
import json
from typing import Any

import pytest

from fmnist_core.config import RunConfig, override
from fmnist_core.engine import client
from fmnist_core.engine.server.sweep_driver import SweepDriver
from fmnist_core.engine.submission import queue_of
from fmnist_core.errors import ConfigError, NoDataError, SweepError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings
from fmnist_core.sweeps import Sweep, SweepConfig, SweepFolder, Trial, parse_dimension
from tests.core.conftest import learn

_seeds = itertools.count(1)


def sweep_config(*vary: str, changes: tuple[str, ...] = (), **more: Any) -> SweepConfig:
    wanted = ["dataset=synthetic-garments", "epochs=4", f"seed={next(_seeds)}", *changes]
    base = override(RunConfig(), wanted)
    return SweepConfig(base, tuple(parse_dimension(text) for text in vary), **more)


def start(settings: Settings, *vary: str, **more: Any) -> SweepFolder:
    config = sweep_config(*(vary or ("batch_size=16,32,64,128",)), **more)
    return client.start_sweep(config, name="first", owner="ann", settings=settings)


def now(folder: SweepFolder, settings: Settings) -> Sweep:
    return client.open_sweep(folder.id, settings)


def run_of(trial: Trial, settings: Settings) -> RunFolder:
    return RunFolder.open(settings.runs_dir, trial.run_id)


def end(run: RunFolder, settings: Settings, state: str = "finished", **status: Any) -> None:
    run.change_status(state=state, **status)
    queue_of(settings).set_state(run.id, state)


def finish(driver: SweepDriver, folder: SweepFolder, settings: Settings, score: float) -> Trial:
    """Ends the trial that is at work with this figure; the next one is begun."""
    trial = next(one for one in now(folder, settings).trials if one.active)
    run = run_of(trial, settings)
    learn(run, score - 0.3, score - 0.2, score - 0.1, score)
    end(run, settings)
    driver.turn()
    return trial


def test_trials_follow_one_another_and_the_best_is_kept(settings):
    folder, driver = start(settings, method="grid"), SweepDriver(settings)
    for score in (0.6, 0.8, 0.7, 0.5):
        driver.turn()
        assert sum(trial.active for trial in now(folder, settings).trials) == 1
        finish(driver, folder, settings, score)
    sweep = now(folder, settings)
    assert (sweep.state, sweep.ended) == ("finished", 4)
    assert (sweep.best.number, sweep.best.score) == (2, 0.8)
    assert sweep.best.values == {"training.batch_size": 32}


def test_its_runs_are_ordinary_runs_with_its_name_as_their_tag(settings):
    folder = start(settings, method="grid", epochs=2)
    SweepDriver(settings).turn()
    run = run_of(now(folder, settings).trials[0], settings)
    assert (run.meta.name, run.meta.tags, run.meta.owner) == ("first 01", ("first",), "ann")
    assert (run.config.training.batch_size, run.config.training.epochs) == (16, 2)
    assert queue_of(settings).waiting() == [run.id]


def test_there_are_never_more_trials_than_slots_all_sweeps_together(settings):
    folders = [start(settings), start(settings)]
    driver = SweepDriver(Settings(home=settings.home, slots=3))
    for _ in range(3):
        driver.turn()
    begun = [len(now(folder, settings).trials) for folder in folders]
    assert sum(begun) == 3
    assert min(begun) == 1


def laggard(settings: Settings, **more: Any) -> tuple[SweepFolder, SweepDriver, RunFolder]:
    """A sweep whose last trial does worse than those before it, and that trial's run."""
    folder = start(settings, "batch_size=4,8,16,32,64", method="grid", **more)
    driver = SweepDriver(settings)
    driver.turn()
    for score in (0.8, 0.81, 0.82, 0.83):
        finish(driver, folder, settings, score)
    run = run_of(now(folder, settings).trials[-1], settings)
    learn(run, 0.3)
    driver.turn()
    return folder, driver, run


def test_who_lags_behind_is_stopped_and_marked(settings):
    folder, driver, run = laggard(settings)
    assert run.control.read().stop
    assert run.meta.tags == ("first", "pruned")
    end(run, settings, "stopped")
    driver.turn()
    sweep = now(folder, settings)
    assert (sweep.trials[-1].state, sweep.trials[-1].accuracies) == ("pruned", (0.3,))
    assert sweep.state == "finished"


def test_without_pruning_nobody_is_stopped(settings):
    assert not laggard(settings, pruning=False)[2].control.read().stop


def test_an_impossible_combination_is_noted_with_its_sentence(settings):
    # Two windows of 11 pixels, with halving in between, leave nothing of 28.
    kernels = "model.blocks.1.kernel=3,11", "model.blocks.0.kernel=3,11"
    folder = start(settings, *kernels, method="grid", changes=("model.padding=valid",))
    driver = SweepDriver(settings)
    driver.turn()
    while any(trial.active for trial in now(folder, settings).trials):
        finish(driver, folder, settings, 0.5)
    driver.turn()
    assert now(folder, settings).state == "finished"
    states = [trial.state for trial in now(folder, settings).trials]
    assert states[0] == "finished"
    assert "refused" in states
    refused = next(trial for trial in now(folder, settings).trials if trial.state == "refused")
    assert refused.error
    assert refused.run_id == ""


def test_a_sweep_whose_trials_all_fail_ends_and_says_why(settings):
    folder, driver = start(settings, trials=4), SweepDriver(settings)
    for _ in range(3):
        driver.turn()
        trial = next(one for one in now(folder, settings).trials if one.active)
        reasons = {"error": "The loss is not a number.", "advice": "Lower the rate."}
        end(run_of(trial, settings), settings, "failed", **reasons)
    driver.turn()
    sweep = now(folder, settings)
    assert (sweep.state, len(sweep.trials)) == ("failed", 3)
    assert sweep.error == "All trials failed. The loss is not a number."
    assert sweep.advice == "Lower the rate."


def test_stopping_ends_the_trial_at_work_and_keeps_the_best(settings):
    folder, driver = start(settings), SweepDriver(settings)
    driver.turn()
    finish(driver, folder, settings, 0.7)
    run = run_of(now(folder, settings).trials[-1], settings)
    learn(run, 0.6)
    client.stop_sweep(folder.id, settings)
    driver.turn()
    assert run.control.read().stop
    assert now(folder, settings).state == "stopping"
    end(run, settings, "stopped")
    driver.turn()
    sweep = now(folder, settings)
    states = [trial.state for trial in sweep.trials]
    assert (sweep.state, states) == ("stopped", ["finished", "stopped"])
    assert sweep.best.score == 0.7
    with pytest.raises(SweepError, match="has ended"):
        client.stop_sweep(folder.id, settings)


def test_a_sweep_stopped_while_its_trial_waits_is_over_at_once(settings):
    folder, driver = start(settings), SweepDriver(settings)
    driver.turn()
    client.stop_sweep(folder.id, settings)
    driver.turn()
    driver.turn()
    assert now(folder, settings).state == "stopped"
    assert queue_of(settings).waiting() == []


def test_a_killed_engine_goes_on_with_what_it_had_begun(settings):
    folder = start(settings)
    SweepDriver(settings).turn()
    (trial,) = now(folder, settings).trials
    diary = folder.path / "trials.jsonl"
    # Killed after the run was handed over, and before that was noted.
    diary.write_text(diary.read_text().splitlines()[0] + "\n")
    learn(run_of(trial, settings), 0.5)
    end(run_of(trial, settings), settings, "stopped")
    SweepDriver(settings).turn()
    (again,) = now(folder, settings).trials
    assert (again.run_id, again.own, again.score) == (trial.run_id, True, 0.5)
    assert len(list(settings.runs_dir.glob("[!.]*"))) == 1


def test_a_run_of_an_equal_sweep_is_not_taken_for_ones_own(settings):
    alike = {"method": "grid", "changes": ("seed=7",)}
    one, other = start(settings, **alike), start(settings, **alike)
    driver = SweepDriver(Settings(home=settings.home, slots=2))
    driver.turn()
    first, second = (now(folder, settings).trials[0] for folder in (one, other))
    assert first.run_id == second.run_id
    assert sorted((first.own, second.own)) == [False, True]


def test_a_killed_engine_still_stops_whom_it_had_marked(settings):
    folder = start(settings)
    SweepDriver(settings).turn()
    (trial,) = now(folder, settings).trials
    learn(run_of(trial, settings), 0.5)
    folder.write("pruned", trial.number, epoch=1)
    SweepDriver(settings).turn()
    assert run_of(trial, settings).control.read().stop


def test_a_run_that_was_there_before_is_counted_and_left_alone(settings):
    config = sweep_config("batch_size=16,32", method="grid")
    values = next(config.grid())
    there = client.submit(config.run_config(values), name="mine", settings=settings).run_id
    folder = client.start_sweep(config, settings=settings)
    driver = SweepDriver(settings)
    driver.turn()
    (trial,) = now(folder, settings).trials
    assert (trial.run_id, trial.own) == (there, False)
    client.stop_sweep(folder.id, settings)
    driver.turn()
    run = run_of(trial, settings)
    assert not run.control.read().stop
    assert (run.meta.name, run.meta.tags) == ("mine", ())


def test_a_damaged_sweep_does_not_hold_up_the_others(settings):
    broken, good = start(settings), start(settings)
    (broken.path / "sweep.json").write_text("{")
    SweepDriver(settings).turn()
    assert len(now(good, settings).trials) == 1
    client.delete_sweep(broken.id, settings)
    assert [sweep.id for sweep in client.list_sweeps(settings)] == [good.id]


def test_a_sweep_that_goes_on_is_not_deleted(settings):
    folder = start(settings)
    with pytest.raises(SweepError, match="goes on"):
        client.delete_sweep(folder.id, settings)


def test_what_cannot_be_trained_at_all_is_refused_before_it_begins(settings):
    with pytest.raises(NoDataError, match="not on this machine"):
        start(settings, changes=("dataset=fashion-mnist",))
    with pytest.raises(ConfigError):
        start(settings, changes=("model.classes=7",))
    assert client.list_sweeps(settings) == []


def test_what_mattered_is_written_down_once_there_are_enough_trials(settings):
    vary = "batch_size=4,8,16", "optimizer=adam,sgd"
    folder, driver = start(settings, *vary, method="grid", pruning=False), SweepDriver(settings)
    driver.turn()
    for score in (0.5, 0.51, 0.6, 0.61, 0.7, 0.71):
        assert now(folder, settings).importance == {}
        finish(driver, folder, settings, score)
    shares = now(folder, settings).importance
    assert shares["training.batch_size"] > shares["training.optimizer"]
    assert json.loads((folder.path / "end.json").read_text())["state"] == "finished"

"""Sweeps of a few real trainings, and an engine that is killed in the middle of one."""

import pytest

from fmnist_core.engine import client
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.sweeps import Sweep, SweepConfig, SweepFolder, parse_dimension
from tests.core.engine.conftest import PATIENCE, Lab, is_dead, wait_for

pytestmark = [pytest.mark.engine, pytest.mark.training]


def start(lab: Lab, *vary: str, changes: tuple[str, ...] = (), **more: object) -> SweepFolder:
    dimensions = tuple(parse_dimension(text) for text in vary)
    base = lab.config("batch_size=64", "epochs=1", *changes)
    config = SweepConfig(base, dimensions, **more)  # type: ignore[arg-type]
    return client.start_sweep(config, name="tries", settings=lab.settings)


def ended(lab: Lab, folder: SweepFolder, seconds: float = 3 * PATIENCE) -> Sweep:
    def over() -> Sweep | None:
        sweep = client.open_sweep(folder.id, lab.settings)
        return None if sweep.active else sweep

    return wait_for(over, seconds, "the end of the sweep")  # type: ignore[no-any-return]


def at_work(lab: Lab, folder: SweepFolder, number: int) -> RunFolder:
    """The run of a trial, once it trains."""

    def training() -> RunFolder | None:
        for trial in client.open_sweep(folder.id, lab.settings).trials:
            if trial.number == number and trial.state == "training":
                return RunFolder.open(lab.settings.runs_dir, trial.run_id)
        return None

    return wait_for(training, 2 * PATIENCE, f"trial {number}")  # type: ignore[no-any-return]


def test_a_killed_engine_goes_on_with_the_sweep_where_it_was(lab):
    vary = "learning_rate=1e-4..1e-1:log", "model.blocks.0.filters=4,8"
    folder = start(lab, *vary, trials=3)
    run = at_work(lab, folder, 2)
    processes = lab.processes()
    processes[0].kill()
    wait_for(lambda: all(is_dead(process.pid) for process in processes), PATIENCE, "the end of all")
    assert client.open_sweep(folder.id, lab.settings).state == "running"
    sweep = ended(lab, folder)
    assert (sweep.state, [trial.state for trial in sweep.trials]) == ("finished", ["finished"] * 3)
    assert sweep.trials[1].run_id == run.id
    runs = [found for found in list_runs(lab.settings) if found.tags == ("tries",)]
    assert len(runs) == 3
    figures = [found.best_validation_accuracy or 0.0 for found in runs]
    assert sweep.best.score == pytest.approx(max(figures), abs=1e-4)


def test_a_sweep_alone_brings_a_dead_engine_back(lab):
    client.stop_engine(lab.settings)
    folder = start(lab, "batch_size=32,64", trials=1)
    assert ended(lab, folder).best is not None


def test_stopping_a_sweep_stops_its_training(lab):
    folder = start(lab, "learning_rate=1e-4..1e-1:log", changes=("epochs=500",))
    run = at_work(lab, folder, 1)
    lab.wait_for_event(run, "epoch")
    client.stop_sweep(folder.id, lab.settings)
    sweep = ended(lab, folder)
    assert (sweep.state, sweep.trials[0].state) == ("stopped", "stopped")
    assert sweep.best is not None
    assert run.model_path.is_file()

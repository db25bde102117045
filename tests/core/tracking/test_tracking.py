"""Trainings told to TensorBoard and MLflow; whoever listens may fail, the training does not."""

import importlib.util

import pytest

from fmnist_core.atomic_files import read_json
from fmnist_core.config import override
from fmnist_core.errors import ConfigError
from fmnist_core.runs.events import EventWriter
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings, load_settings
from fmnist_core.tracking import Tracking, check_trackers, tracking_errors
from tests.core.conftest import learn
from tests.nets import PLAIN

needs_tensorboard = pytest.mark.skipif(
    importlib.util.find_spec("tensorboard") is None, reason="tensorboard is not installed"
)
needs_mlflow = pytest.mark.skipif(
    importlib.util.find_spec("mlflow") is None, reason="mlflow is not installed"
)


def run(*changes: str) -> RunFolder:
    return RunFolder.create(load_settings().runs_dir, override(PLAIN, changes), name="Told")


def end(folder: RunFolder) -> None:
    writer = EventWriter(folder.events_path)
    writer.write("end", state="finished")
    writer.close()
    folder.change_status(state="finished", test_accuracy=0.75)


def test_nobody_is_told_who_did_not_ask():
    folder = run()
    learn(folder, 0.7, 0.7)
    Tracking(folder, load_settings()).update()
    assert not (folder.path / "tracking.json").exists()


def test_a_package_that_is_not_installed_is_said_before_the_training(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="tensorboard is not installed"):
        check_trackers(override(PLAIN, ["tensorboard=true"]).training)
    check_trackers(PLAIN.training)


@needs_tensorboard
def test_tensorboard_finds_each_epoch_once(home):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder = run("tensorboard=true")
    learn(folder, 0.7, 0.7)
    Tracking(folder, load_settings()).update()
    learn(folder, 0.7, 0.7)
    end(folder)
    # As an engine that goes on after a crash.
    again = Tracking(folder, load_settings())
    again.update()
    again.update()
    found = EventAccumulator(str(home / "tensorboard" / folder.id)).Reload()
    told = [(event.step, round(event.value, 3)) for event in found.Scalars("epoch_val_accuracy")]
    assert told == [(1, 0.7), (2, 0.7), (3, 0.7), (4, 0.7)]


@needs_mlflow
def test_mlflow_gets_one_run_with_its_figures(home):
    from mlflow import MlflowClient

    folder = run("mlflow=true")
    learn(folder, 0.7, 0.7)
    Tracking(folder, load_settings()).update()
    learn(folder, 0.7, 0.7)
    end(folder)
    Tracking(folder, load_settings()).update()
    assert tracking_errors(folder) == {}
    client = MlflowClient(tracking_uri=load_settings().mlflow)
    experiment = client.get_experiment_by_name("fashion-mnist-lab")
    (told,) = client.search_runs([experiment.experiment_id])
    assert told.info.status == "FINISHED"
    assert told.data.tags["lab_run"] == folder.id
    assert told.data.params["training.batch_size"] == "64"
    assert told.data.metrics["test_accuracy"] == 0.75
    assert len(client.get_metric_history(told.info.run_id, "val_accuracy")) == 4


@needs_mlflow
def test_a_server_that_is_not_there_is_noted_and_harms_nothing():
    folder = run("mlflow=true")
    learn(folder, 0.7)
    nowhere = Settings(home=load_settings().home, mlflow="http://127.0.0.1:9")
    tracking = Tracking(folder, nowhere)
    tracking.update_beside()
    tracking.finish(60)
    assert "mlflow" in tracking_errors(folder)
    assert read_json(folder.path / "tracking.json")["mlflow"]["epochs"] == 0

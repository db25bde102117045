"""`train` and `presets` as a person or a script runs them."""

import json
import signal
import statistics
import subprocess
import sys

import pytest

from fmnist_core.config.presets import PRESETS
from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from tests.conftest import wait_for
from tests.core.cli.conftest import lab

SMALL = ["--preset", "quick", "--set", "train_images=200", "--set", "schedule=constant"]


@pytest.fixture(autouse=True)
def images(garments: Dataset) -> None:
    save_arrays(synthetic_folder(load_settings()), garments)


@pytest.mark.training
def test_the_last_line_is_the_result_and_the_run_is_in_the_lab():
    chosen = ["--set", "dataset=synthetic-garments", "--epochs", "2", "--seed", "7"]
    done = lab("train", *SMALL, *chosen, "--name", "My try", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["status"], result["epochs"]) == ("finished", 2)
    assert 0 < result["validation_accuracy"] <= 1
    assert 0 < result["test_accuracy"] <= 1
    assert result["test_loss"] > 0
    assert result["seconds"] > 0
    folder = RunFolder.open(load_settings().runs_dir, result["run_id"])
    assert folder.meta.name == "My try"
    assert (folder.config.training.seed, folder.config.training.epochs) == (7, 2)
    again = lab("evaluate", result["run_id"], "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout.splitlines()[-1])["accuracy"] == result["test_accuracy"]


@pytest.mark.training
def test_without_data_and_network_the_stand_in_is_used_and_said_aloud():
    done = lab("train", *SMALL, "--epochs", "1", "--json")
    assert done.returncode == 0, done.stderr
    assert "SYNTHETIC GARMENTS" in done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["data"] == "synthetic-garments"
    config = RunFolder.open(load_settings().runs_dir, result["run_id"]).config
    assert config.training.dataset == "synthetic-garments"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--preset", "quik"], "Did you mean quick"),
        (["--set", "learning_rate=NaN"], "learning_rate"),
        (["--set", "filterz=3"], "no such key"),
        (["--epochs", "0"], "epochs"),
        (["--set", "classes=11"], "classes must be 10"),
        (["--set", "dataset=fashion-mnist"], "FMNIST_DATA_DIR"),
        (["--seeds", "0"], "number of seeds must be a whole number from 1 to 30"),
        (["--seeds", "many"], "number of seeds must be a whole number from 1 to 30"),
        (["--seeds", "2", "--seed", "4294967295"], "seed must be a whole number"),
        (["--set", "model.blocks.0.filters=1000000000"], "filters"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_a_sentence(arguments, said):
    done = lab("train", *arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not load_settings().runs_dir.exists()


@pytest.mark.training
def test_an_interrupt_keeps_and_judges_what_was_learned():
    command = [sys.executable, "-m", "fmnist_core", "train", *SMALL, "--epochs", "1000", "--json"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = subprocess.Popen([*command, "--set", "dataset=synthetic-garments"], **pipes)
    runs = load_settings().runs_dir
    wait_for(lambda: list(runs.glob("*/checkpoint.json")), 180, "a checkpoint")
    running.send_signal(signal.SIGINT)
    output, errors = running.communicate(timeout=180)
    assert running.returncode == 130, errors
    assert json.loads(output.splitlines()[-1])["status"] == "stopped"
    assert RunFolder(next(runs.iterdir())).status.test_accuracy is not None


def test_presets_are_listed_for_people_and_for_machines():
    for name in PRESETS:
        assert name in lab("presets").stdout
    listed = json.loads(lab("presets", "--json").stdout)
    assert [row["name"] for row in listed] == list(PRESETS)
    assert all(row["purpose"] and row["parameters"] for row in listed)


def test_a_home_that_cannot_be_written_is_said_in_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FMNIST_HOME", str(tmp_path / "file"))
    done = lab("train", *SMALL, "--set", "dataset=synthetic-garments", "--set", "train_images=0")
    assert done.returncode == 1
    assert "FMNIST_HOME" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.training
def test_several_seeds_end_in_one_object_with_mean_and_spread():
    chosen = ["--set", "dataset=synthetic-garments", "--epochs", "1", "--seed", "7"]
    done = lab("train", *SMALL, *chosen, "--seeds", "3", "--name", "Mine", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["seeds"], result["finished"], result["data"]) == (3, 3, "synthetic-garments")
    assert [run["seed"] for run in result["runs"]] == [7, 8, 9]
    for name in ("validation_accuracy", "test_accuracy"):
        values = [run[name] for run in result["runs"]]
        assert result[name]["mean"] == pytest.approx(statistics.mean(values))
        assert result[name]["standard_deviation"] == pytest.approx(statistics.stdev(values))
        assert result[name]["median"] == pytest.approx(statistics.median(values))
        assert (result[name]["min"], result[name]["max"]) == (min(values), max(values))
    for run in result["runs"]:
        folder = RunFolder.open(load_settings().runs_dir, run["run_id"])
        assert (folder.meta.name, folder.config.training.seed) == ("Mine", run["seed"])

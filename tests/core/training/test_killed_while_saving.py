"""`kill -9` in the middle of saving each of a run's files: it is whole or absent, and goes on."""

import fnmatch
import itertools
import json
import os
import signal
from pathlib import Path
from typing import Any

import h5py
import pytest

from fmnist_core.config import RunConfig, override
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.engine.worker import forkserver
from fmnist_core.evaluation import load_evaluation, load_predictions
from fmnist_core.runs.events import read_events
from fmnist_core.runs.folder import RunFolder
from tests.nets import PLAIN

pytestmark = pytest.mark.training

# Every file that a training saves, and the how-manieth time it saves it.
_SAVES = [
    ("status.json", 1),
    ("provenance.json", 1),
    ("epoch-0001.weights.h5", 1),
    ("checkpoint.json", 1),
    ("status.json", 2),
    ("epoch-0002.weights.h5", 1),
    ("checkpoint.json", 2),
    ("model.keras", 1),
    ("calibration.json", 1),
    ("predictions.npz", 1),
    ("evaluation.json", 1),
    ("status.json", 4),
    ("status.json", 5),
]


def _train_and_die(config: RunConfig, run: Path, data: Dataset, save: tuple[str, int], when: str):
    """Trains in a process that kills itself before or after the file is put in place."""
    from fmnist_core.training import train

    name, number = save
    saves, replace = itertools.count(1), Path.replace

    def replace_and_die(self: Path, target: Any) -> Path:
        mine = fnmatch.fnmatch(Path(target).name, name) and next(saves) == number
        if mine and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        done = replace(self, target)
        if mine:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    Path.replace = replace_and_die  # type: ignore[method-assign]
    train(config, run, data=data)


def _check_whole_or_absent(folder: RunFolder) -> None:
    from fmnist_core.models.build import load_model

    for path in folder.path.glob("[!.]*.json"):
        json.loads(path.read_bytes())
    for path in (folder.path / "checkpoints").glob("[!.]*.h5"):
        with h5py.File(path) as weights:
            assert len(weights) > 0
    if folder.resumable:
        named = json.loads((folder.path / "checkpoint.json").read_bytes())["file"]
        assert (folder.path / "checkpoints" / named).is_file()
    if folder.model_path.exists():
        load_model(folder.model_path)
    if folder.predictions_path.exists():
        assert load_predictions(folder) is not None
    if folder.evaluation_path.exists():
        assert load_evaluation(folder) is not None


@pytest.fixture(scope="module", autouse=True)
def _ready() -> None:
    forkserver.prepare()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("save", _SAVES, ids=lambda save: f"{save[0]}-{save[1]}")
def test_a_run_killed_while_saving_goes_on_from_whole_files(tmp_path, garments, save, when):
    from fmnist_core.training import train

    config = override(PLAIN, ["dataset=synthetic-garments", "epochs=2", "batch_size=100"])
    folder = RunFolder.at(tmp_path / "run", config)
    child = forkserver.start(_train_and_die, config, folder.path, garments, save, when)
    child.join(120)
    assert child.exitcode == -signal.SIGKILL
    assert not folder.held
    _check_whole_or_absent(folder)
    result = train(config, folder.path, data=garments)
    assert (result.status, result.epochs) == ("finished", 2)
    _check_whole_or_absent(folder)
    evaluation = load_evaluation(folder)
    assert evaluation.accuracy == result.test_accuracy == folder.status.test_accuracy
    epochs = [e["epoch"] for e in read_events(folder.events_path)[0] if e["kind"] == "epoch"]
    assert set(epochs) <= {1, 2}

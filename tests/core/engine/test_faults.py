"""`kill -9` of each process in the middle of an epoch: the run goes on and says what was lost."""

import shutil
import time
from pathlib import Path

import h5py
import numpy as np
import psutil
import pytest

from fmnist_core.engine import client
from fmnist_core.evaluation import load_evaluation
from fmnist_core.runs.folder import RunFolder
from tests.core.engine.conftest import PATIENCE, Lab, is_dead, wait_for

pytestmark = pytest.mark.engine


def _in_second_epoch(lab: Lab) -> RunFolder:
    folder = lab.submit("epochs=3")
    lab.wait_for_middle_of_epoch(folder, 1)
    return folder


def _check_gap(lab: Lab, folder: RunFolder, culprit: str) -> None:
    lab.wait_until(folder, "finished")
    assert f"{culprit}" in lab.notes(folder)
    assert "after epoch 1; resuming from there" in lab.notes(folder)
    assert "work repeated" in folder.log_path.read_text()
    assert [event["epoch"] for event in lab.events(folder, "start")] == [0, 1]
    assert [event["epoch"] for event in lab.events(folder, "epoch")] == [1, 2, 3]
    assert folder.status.attempt == 2


def test_a_killed_child_is_noticed_and_its_run_goes_on(lab):
    folder = _in_second_epoch(lab)
    psutil.Process(folder.status.pid).kill()
    wait_for(lambda: lab.notes(folder), 3, "the gap in the diary")
    _check_gap(lab, folder, "The training process died (exit status -9)")


def test_a_killed_worker_is_noticed_and_its_run_goes_on(lab):
    folder = _in_second_epoch(lab)
    child = folder.status.pid
    lab.worker_process(folder).kill()
    wait_for(lambda: lab.notes(folder), 3, "the gap in the diary")
    wait_for(lambda: is_dead(child), 3, "the end of the orphaned child")
    _check_gap(lab, folder, "The worker training-1 was lost")


def test_a_killed_engine_leaves_nothing_and_its_runs_go_on(lab):
    folder = _in_second_epoch(lab)
    processes = lab.processes()
    assert len(processes) >= 5
    processes[0].kill()
    wait_for(lambda: all(is_dead(process.pid) for process in processes), PATIENCE, "the end of all")
    assert not client.recover_engine(lab.settings), "its supervisor sees to it"
    _check_gap(lab, folder, "The engine was lost")


def test_a_run_that_is_lost_again_and_again_fails_with_advice(lab):
    folder = lab.submit("epochs=50", "batch_size=1")
    for attempt in (1, 2, 3):
        wait_for(
            lambda n=attempt: len(lab.events(folder, "start")) == n, PATIENCE, f"start {attempt}"
        )
        psutil.Process(folder.status.pid).kill()
    lab.wait_until(folder, "failed")
    assert "3 times in a row" in folder.status.error
    assert "memory" in folder.status.advice
    client.delete_run(folder.id, lab.settings)


def test_stopping_the_engine_keeps_the_run_for_its_next_start(lab):
    folder = _in_second_epoch(lab)
    processes = lab.processes()
    assert client.stop_engine(lab.settings)
    assert all(is_dead(process.pid) for process in processes)
    assert folder.status.state == "queued"
    assert not client.recover_engine(lab.settings), "what a person stopped stays stopped"
    client.ensure_engine(lab.settings)
    _check_gap(lab, folder, "The engine was stopped")


def test_a_run_whose_folder_vanishes_is_given_up(lab):
    folder = lab.submit("epochs=50")
    lab.wait_for_event(folder, "batch")
    shutil.rmtree(folder.path)
    wait_for(lambda: client.engine_status(lab.settings).busy == 0, PATIENCE, "a free slot")
    time.sleep(0.5)
    assert not folder.path.exists()


def test_what_the_disk_does_not_take_is_kept_until_it_does(lab):
    folder = lab.submit("epochs=1")
    lab.wait_for_event(folder, "batch")
    folder.evaluation_path.mkdir()  # nothing can be stored in this place
    wait_for(lambda: is_dead(folder.status.pid), PATIENCE, "the end of the training process")
    time.sleep(1)
    assert folder.status.state == "running"
    folder.evaluation_path.rmdir()
    lab.wait_until(folder, "finished")
    assert load_evaluation(folder) is not None


def test_a_loss_that_becomes_nan_ends_the_run_with_advice(lab):
    folder = lab.submit("epochs=500")
    lab.wait_for_event(folder, "epoch")
    client.request(folder.id, lab.settings, stop=True)
    lab.wait_until(folder, "stopped")
    for path in (folder.path / "checkpoints").glob("*.h5"):
        _poison(path)
    client.resume(folder.id, lab.settings)
    lab.wait_until(folder, "failed")
    assert "NaN" in folder.status.error
    assert "smaller" in folder.status.advice
    assert lab.events(folder, "end")[-1]["state"] == "failed"
    wait_for(lambda: client.engine_status(lab.settings).busy == 0, PATIENCE, "a free slot")


def _poison(path: Path) -> None:
    """Weights so large that the next step overflows."""

    def swell(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and name.startswith("layers/") and item.ndim > 1:
            item[...] = np.full(item.shape, 1e38, item.dtype)

    with h5py.File(path, "r+") as weights:
        weights.visititems(swell)

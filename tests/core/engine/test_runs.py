"""What a person does with runs, through a real engine."""

import numpy as np
import psutil
import pytest

from fmnist_core.engine import client
from fmnist_core.errors import ConfigError, RunError
from fmnist_core.evaluation import load_evaluation
from fmnist_core.machine import stored_speed
from tests.core.engine.conftest import is_dead, wait_for

pytestmark = pytest.mark.engine


def test_the_machine_is_measured_before_anything_is_trained(lab):
    """So that the first time said beside the form is this machine's."""
    wait_for(lambda: stored_speed(lab.settings) is not None, 60, "the machine's speed")


def test_a_submitted_run_is_trained_and_all_its_files_arrive(lab):
    folder = lab.submit("epochs=2")
    lab.wait_until(folder, "finished")
    assert [event["epoch"] for event in lab.events(folder, "epoch")] == [1, 2]
    assert (folder.status.attempt, folder.status.worker) == (1, "training-1")
    assert load_evaluation(folder) is not None
    for path in (folder.model_path, folder.predictions_path, folder.log_path):
        assert path.is_file()
    assert folder.calibration.images == 60
    assert folder.provenance["data"]["name"] == "synthetic-garments"
    assert folder.resumable


def test_the_same_form_sent_twice_is_one_run(lab):
    config = lab.config()
    first = client.submit(config, settings=lab.settings)
    second = client.submit(config, settings=lab.settings)
    assert (first.already, second.already) == (False, True)
    assert first.run_id == second.run_id
    client.delete_run(first.run_id, lab.settings)


def test_pause_another_rate_resume_and_stop(lab):
    folder = lab.submit("epochs=50")
    lab.wait_for_event(folder, "batch")
    client.request(folder.id, lab.settings, pause=True)
    lab.wait_until(folder, "paused", seconds=5)
    client.request(folder.id, lab.settings, pause=False)
    lab.wait_until(folder, "running", seconds=5)
    client.request(folder.id, lab.settings, learning_rate=0.0123)
    wait_for(lambda: "0.0123" in lab.notes(folder), 5, "the new rate in the diary")
    client.request(folder.id, lab.settings, stop=True)
    lab.wait_until(folder, "stopped")
    assert load_evaluation(folder) is not None


def test_a_stopped_run_goes_on_where_it_was(lab):
    folder = lab.submit("epochs=3")
    lab.wait_for_event(folder, "epoch")
    client.request(folder.id, lab.settings, stop=True)
    lab.wait_until(folder, "stopped")
    client.resume(folder.id, lab.settings)
    lab.wait_until(folder, "finished")
    starts = lab.events(folder, "start")
    assert [event["attempt"] for event in starts] == [1, 2]
    assert starts[1]["epoch"] >= 1
    with pytest.raises(RunError, match="finished"):
        client.resume(folder.id, lab.settings)


def test_a_waiting_run_waits_for_its_slot_and_is_stopped_at_once(lab):
    first, second = lab.submit("epochs=50"), lab.submit()
    lab.wait_for_event(first, "batch")
    status = client.engine_status(lab.settings)
    assert (status.running, status.busy, status.queued, status.workers) == (True, 1, 1, 1)
    client.request(second.id, lab.settings, stop=True)
    assert second.status.state == "stopped"
    with pytest.raises(RunError, match="ended"):
        client.request(second.id, lab.settings, pause=True)
    client.delete_run(first.id, lab.settings)


def test_deleting_a_running_run_ends_its_process(lab):
    folder = lab.submit("epochs=50")
    lab.wait_for_event(folder, "batch")
    pid = folder.status.pid
    client.delete_run(folder.id, lab.settings)
    assert not folder.path.exists()
    assert is_dead(pid)
    wait_for(lambda: client.engine_status(lab.settings).busy == 0, 3, "a free slot")
    assert not folder.path.exists()


def test_an_impossible_run_is_refused_before_anything_is_made(lab):
    before = set(lab.settings.runs_dir.iterdir())
    with pytest.raises(ConfigError):
        client.submit(lab.config("model.classes=7"), settings=lab.settings)
    assert set(lab.settings.runs_dir.iterdir()) == before


def test_questions_are_answered_while_a_training_runs(lab, garments):
    trained = lab.submit("epochs=1", "batch_size=32")
    lab.wait_until(trained, "finished")
    busy = lab.submit("epochs=50")
    lab.wait_for_event(busy, "batch")
    images = garments.test.images[:9]
    probabilities = client.classify(trained.id, images, lab.settings)
    assert (probabilities.shape, probabilities.dtype) == ((9, 10), np.float32)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    client.delete_run(busy.id, lab.settings)


def test_a_run_is_judged_anew(lab):
    folder = lab.submit("epochs=1", "batch_size=32")
    lab.wait_until(folder, "finished")
    before = load_evaluation(folder)
    folder.evaluation_path.unlink()
    client.evaluate_run(folder.id, lab.settings)
    after = load_evaluation(folder)
    # Of 200 images one may be so close that the last digit decides.
    assert after.accuracy == pytest.approx(before.accuracy, abs=0.0051)
    assert folder.status.state == "finished"


def test_nothing_listens_beyond_this_machine(lab):
    listening = [
        connection.laddr.ip
        for process in lab.processes()
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert set(listening) == {"127.0.0.1"}

"""What trained networks are asked, through a real engine."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from fmnist_core.engine import client
from fmnist_core.engine.inference.worker_client import InferenceWorker, with_worker
from fmnist_core.errors import RunError, TrainingError
from fmnist_core.evaluation import load_predictions
from fmnist_core.models.calibration import calibrated_predictions
from fmnist_core.models.prediction import PredictionExplanation
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained.model_ref import from_data_set
from tests.core.engine.conftest import PATIENCE, Lab, wait_for

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def trained(lab: Lab) -> RunFolder:
    folder = lab.submit("epochs=3", "batch_size=20")
    lab.wait_until(folder, "finished")
    return folder


def look_until_gathered(lab: Lab, run: RunFolder, image: np.ndarray) -> PredictionExplanation:
    def gathered() -> PredictionExplanation | None:
        seen = client.explain_prediction(run.id, image, lab.settings)
        return None if seen.gathering else seen

    return wait_for(gathered, PATIENCE, "the neighbours")


def test_answers_are_those_of_the_runs_network_calibrated(lab, trained, garments):
    images = garments.test.images
    answers = client.predict_calibrated(trained.id, images, lab.settings)
    stored = load_predictions(trained)
    assert trained.calibration.images == 60
    logs = np.log(stored.probabilities.astype(np.float64))
    expected = calibrated_predictions(logs, trained.calibration).probabilities
    np.testing.assert_allclose(answers.probabilities, expected, atol=1e-4)
    # Of 200 one may be so close that the last digit decides.
    assert (answers.labels == stored.predicted).mean() > 0.99
    assert 0.7 < answers.is_clothing.mean() < 1
    plain = client.classify(trained.id, images, lab.settings)
    np.testing.assert_allclose(plain, stored.probabilities, atol=1e-5)


def test_one_image_and_none_are_answered_too(lab, trained, garments):
    one = client.predict_calibrated(trained.id, garments.test.images[:1], lab.settings)
    assert one.probabilities.shape == (1, 10)
    none = client.predict_calibrated(trained.id, garments.test.images[:0], lab.settings)
    assert none.probabilities.shape == (0, 10)


def test_a_look_shows_where_and_what_it_is_like(lab, trained, garments):
    image = garments.train.images[321]
    first = client.explain_prediction(trained.id, image, lab.settings)
    assert first.heat.shape == (28, 28)
    assert first.label == first.answers.labels[0]
    assert first.near is not None or first.gathering
    seen = look_until_gathered(lab, trained, image)
    near = seen.near
    assert near.dataset == "synthetic-garments"
    assert near.indices[0] == 321
    assert near.distances[0] == pytest.approx(0, abs=1e-3)
    assert (near.labels == garments.train.labels[near.indices]).all()
    assert (near.images == garments.train.images[near.indices]).all()
    assert list((lab.settings.cache_dir / "features").glob("*.npy"))
    other = client.explain_prediction(trained.id, image, lab.settings, label=(seen.label + 1) % 10)
    assert other.heat is not None
    assert not np.array_equal(other.heat, seen.heat)


def test_a_question_does_not_wait_behind_an_evaluation(lab, trained, garments, tmp_path):
    # Reading the pipe takes until something is written to it: after the answer or, if none comes,
    # at last.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    at_last = threading.Timer(PATIENCE, pipe.write_bytes, [b"late"])

    def ask_meanwhile(worker: InferenceWorker) -> None:
        long = worker.submit(Path.read_bytes, pipe)
        client.predict_calibrated(trained.id, garments.test.images[:1], lab.settings)
        assert not long.done()
        at_last.cancel()
        pipe.write_bytes(b"after the answer")
        assert long.result() == b"after the answer"

    at_last.start()
    try:
        with_worker(lab.settings, ask_meanwhile)
    finally:
        at_last.cancel()


def test_of_the_shipped_model_the_network_an_image_belongs_to_answers(lab, garments):
    images = garments.test.images
    own = from_data_set(images)
    assert 0 < own.mean() < 1
    answers = client.predict_calibrated("shipped", images, lab.settings)
    assert (answers.labels == garments.test.labels).mean() > 0.3
    for network, where in (("shipped-everyday", ~own), ("shipped-catalogue", own)):
        alone = client.predict_calibrated(network, images[where], lab.settings)
        assert set(alone.answered_by) == {network}
        np.testing.assert_allclose(answers.probabilities[where], alone.probabilities, atol=1e-5)
        image = images[where][0]
        seen = client.explain_prediction("shipped", image, lab.settings)
        expected = client.explain_prediction(network, image, lab.settings)
        assert seen.answers.answered_by == expected.answers.answered_by == (network,)
        assert seen.heat is not None
        assert expected.heat is not None
        np.testing.assert_allclose(seen.heat, expected.heat, atol=1e-4)


def test_a_run_that_is_not_there_or_damaged_is_named(lab, trained, garments):
    images = garments.test.images[:1]
    with pytest.raises(RunError, match="no such run"):
        client.predict_calibrated("20200101-000000-none-0000", images, lab.settings)
    whole = trained.model_path.read_bytes()
    try:
        trained.model_path.write_bytes(whole[:1000])
        with pytest.raises(TrainingError, match="cannot be read"):
            client.predict_calibrated(trained.id, images, lab.settings)
    finally:
        trained.model_path.write_bytes(whole)
    assert client.predict_calibrated(trained.id, images, lab.settings).labels.shape == (1,)

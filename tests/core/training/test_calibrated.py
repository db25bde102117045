"""A finished run says how far its scores can be believed."""

import numpy as np
import pytest

from fmnist_core.config import RunConfig
from fmnist_core.errors import RunError
from fmnist_core.evaluation import load_predictions
from fmnist_core.models.calibration import Calibration, calibrated_predictions
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from tests import nets
from tests.nets import train

pytestmark = pytest.mark.training


def tiny(*changes: str) -> RunConfig:
    return nets.tiny("batch_size=20", "epochs=2", *changes)


@pytest.mark.parametrize("output", ["logits", "softmax"])
def test_a_run_is_calibrated_by_its_validation_images(tmp_path, garments, output):
    from fmnist_core.models.build import load_model
    from fmnist_core.models.features import scores

    train(tiny(f"output={output}"), tmp_path / "run", data=garments)
    folder = RunFolder(tmp_path / "run")
    fitted = folder.calibration
    assert fitted.images == 60
    assert fitted.source == "60 validation images of synthetic-garments"
    said = scores(load_model(folder.model_path), garments.test.images)
    answers = calibrated_predictions(said, fitted)
    stored = load_predictions(folder)
    # Of 200 one may be so close that the last digit decides.
    assert (answers.labels == stored.predicted).mean() > 0.99
    # How certain it is differs from image to image.
    assert np.std(answers.clothing) > 0.01
    assert answers.is_clothing.mean() > 0.8
    as_said = calibrated_predictions(said, Calibration()).probabilities
    np.testing.assert_allclose(as_said, stored.probabilities, atol=1e-5)


def test_a_run_that_held_no_images_back_is_not_calibrated(tmp_path, garments):
    changes = ("validation_share=0", "keep_weights=last", "epochs=1")
    train(tiny(*changes), tmp_path / "run", data=garments)
    folder = RunFolder(tmp_path / "run")
    assert not folder.calibration_path.exists()
    assert folder.calibration == Calibration()
    assert folder.calibration.images == 0


def test_evaluating_again_calibrates_again(tmp_path, garments):
    from fmnist_core.training import evaluate_run_folder

    train(tiny(), tmp_path / "run", data=garments)
    folder = RunFolder(tmp_path / "run")
    first = folder.calibration
    folder.calibration_path.unlink()
    evaluate_run_folder(folder, data=garments)
    assert folder.calibration.temperature == pytest.approx(first.temperature, rel=1e-4)
    assert folder.calibration.images == first.images


def test_a_runs_network_answers_as_it_is_calibrated(garments):
    from fmnist_core.models.build import load_model
    from fmnist_core.models.features import scores
    from fmnist_core.training.network import load_classifier

    settings = load_settings()
    folder = RunFolder.create(settings.runs_dir, tiny())
    with pytest.raises(RunError, match="no network yet"):
        load_classifier(folder.id, settings)
    train(tiny(), folder.path, data=garments)
    images = garments.test.images[:3]
    said = load_classifier(folder.id, settings).answers(images)
    raw = scores(load_model(folder.model_path), images)
    calibrated = calibrated_predictions(raw, folder.calibration).probabilities
    np.testing.assert_allclose(said.probabilities, calibrated, atol=1e-6)
    assert said.answered_by == (folder.id,) * 3
    with pytest.raises(RunError, match="no such run"):
        load_classifier("nobody", settings)


def test_scores_are_those_before_a_softmax(garments):
    from fmnist_core.models.build import build_model
    from fmnist_core.models.features import scores
    from fmnist_core.training.evaluate import predict

    ends_raw, ends_sure = (build_model(tiny(f"output={o}").model) for o in ("logits", "softmax"))
    ends_sure.set_weights(ends_raw.get_weights())
    images = garments.test.images[:20]
    np.testing.assert_allclose(scores(ends_sure, images), scores(ends_raw, images), atol=1e-4)
    said = ends_sure.predict_on_batch(images)
    np.testing.assert_allclose(predict(ends_sure, images), said, atol=1e-5)
    np.testing.assert_allclose(predict(ends_raw, images), said, atol=1e-5)

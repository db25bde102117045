"""Training on other styles, and on things that are no clothing."""

import numpy as np
import pytest

from fmnist_core.runs.folder import RunFolder
from tests.nets import StopsAtOnce, events, small, train

pytestmark = pytest.mark.training


def test_an_epoch_has_the_added_images_and_the_calibration_counts_the_looks(tmp_path, garments):
    config = small("epochs=1", "line_drawings=0.3", "synthetic_sketches=0.2", "negatives=0.1")
    train(config, tmp_path / "run", data=garments)
    folder = RunFolder(tmp_path / "run")
    (start,) = events(folder.path, "start")
    assert start["train_images"] == pytest.approx(540 * 1.3, abs=6)
    assert folder.calibration.images == 60
    assert folder.calibration.source.endswith("for clothing also 60 in other styles")


def test_a_network_shown_other_things_is_unsure_about_them(tmp_path, garments):
    from fmnist_core.augmentation.negatives import draw_other
    from fmnist_core.models.build import load_model
    from fmnist_core.training.evaluate import predict

    rng = np.random.default_rng(9)
    others = np.stack([draw_other(garments.test.images[0], rng) for _ in range(150)])

    def certainty(share: float) -> float:
        place = tmp_path / f"run-{share}"
        config = small("epochs=4", f"negatives={share}", "schedule=constant")
        result = train(config, place, data=garments)
        # What is no clothing does not count as mistaken.
        assert result.test_accuracy > 0.4
        return float(predict(load_model(place / "model.keras"), others).max(axis=1).mean())

    assert certainty(0.6) < certainty(0.0) - 0.15


def test_a_run_can_be_stopped_while_its_images_are_prepared(tmp_path, garments):
    config = small("epochs=3", "line_drawings=1.0", "synthetic_sketches=1.0", "keep_weights=last")
    result = train(config, tmp_path / "run", data=garments, control=StopsAtOnce())
    folder = RunFolder(tmp_path / "run")
    assert result.status == folder.status.state == "stopped"
    assert not events(folder.path, "batch")
    # It has weights, those of its beginning, and so can be gone on with.
    assert folder.model_path.exists()
    assert folder.resumable
    assert train(config, tmp_path / "run", data=garments).epochs == 3

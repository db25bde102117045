"""Training on other looks, and on things that are no clothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fmnist_core.config import RunConfig, override
from fmnist_core.config.presets import preset
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.runs.events import read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.status import Control
from tests.nets import train

pytestmark = pytest.mark.training


def small(*changes: str) -> RunConfig:
    base = ["dataset=synthetic-garments", "batch_size=20", "schedule=constant"]
    slim = ["model.blocks.0.filters=6", "model.blocks.1.filters=8", "dense=[16]"]
    return override(preset("quick").config, ["precision=float32", *base, *slim, *changes])


def test_an_epoch_has_the_added_images_and_the_calibration_counts_the_looks(
    tmp_path: Path, garments: Dataset
) -> None:
    config = small("epochs=1", "line_drawings=0.3", "synthetic_sketches=0.2", "negatives=0.1")
    train(config, tmp_path / "run", data=garments)
    folder = RunFolder(tmp_path / "run")
    start = next(e for e in read_events(folder.events_path)[0] if e["kind"] == "start")
    assert start["train_images"] == pytest.approx(540 * 1.3, abs=6)
    assert folder.calibration.images == 60
    assert folder.calibration.source.endswith("for clothing also 60 in other looks")


def test_a_network_shown_other_things_is_unsure_about_them(
    tmp_path: Path, garments: Dataset
) -> None:
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


class Stop:
    """A person who wishes to stop from the beginning."""

    def read(self) -> Control:
        return Control(stop=True)


def test_a_run_can_be_stopped_while_its_images_are_prepared(
    tmp_path: Path, garments: Dataset
) -> None:
    config = small("epochs=3", "line_drawings=1.0", "synthetic_sketches=1.0", "keep_weights=last")
    result = train(config, tmp_path / "run", data=garments, control=Stop())
    folder = RunFolder(tmp_path / "run")
    assert result.status == folder.status.state == "stopped"
    events = read_events(folder.events_path)[0]
    assert "batch" not in [event["kind"] for event in events]
    # It has weights, those of its beginning, and so can be gone on with.
    assert folder.model_path.exists()
    assert folder.resumable
    assert train(config, tmp_path / "run", data=garments).epochs == 3

"""Each trouble is provoked in a real training of a second or two, and found by its name."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fmnist_core.config import override
from fmnist_core.config.presets import preset
from fmnist_core.datasets.dataset import Dataset, ImageSet
from fmnist_core.datasets.synthetic import generate
from fmnist_core.errors import TrainingError
from fmnist_core.evaluation.diagnosis import Diagnosis, diagnose
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import BatchPoint, End, EpochPoint, History, follow
from fmnist_core.runs.trace import Trace, read_trace
from tests.nets import PLAIN

SIGMOIDS = [f"model.blocks.{block}.activation=sigmoid" for block in range(3)]


@pytest.fixture(scope="session")
def many() -> Dataset:
    """Enough to fill a matrix."""
    return generate(train_count=3000, test_count=200)


def trained(place: Path, data: Dataset, name: str, *changes: str) -> Diagnosis:
    config = override(preset(name).config, ["dataset=synthetic-garments", *changes])
    from fmnist_core.training import train

    with suppress(TrainingError):
        train(config, place, data=data)
    return found(RunFolder(place))


def found(folder: RunFolder) -> Diagnosis:
    return diagnose(follow(folder.events_path).history, read_trace(folder), folder.config)


def mislabelled(data: Dataset, share: float) -> Dataset:
    random = np.random.default_rng(1)
    labels = data.train.labels.copy()
    wrong = random.random(len(labels)) < share
    labels[wrong] = random.integers(0, 10, wrong.sum())
    return replace(data, train=ImageSet(data.train.images, labels))


@pytest.mark.training
@pytest.mark.parametrize(("name", "rate"), [("quick", 0.025), ("reference-b", 0.001)])
def test_in_a_healthy_training_nothing_is_found(tmp_path, many, name, rate):
    # A quarter of the preset's batch, a quarter of its rate.
    changes = ("epochs=4", "batch_size=32", f"learning_rate={rate}")
    result = trained(tmp_path / "run", many, name, *changes)
    assert result.findings == ()
    assert "all snapshots" in result.evidence


@pytest.mark.training
@pytest.mark.parametrize(
    ("kind", "name", "changes"),
    [
        ("rate_too_high", "quick", ["optimizer=sgd", "learning_rate=3", "epochs=2"]),
        ("rate_too_high", "reference-b", ["learning_rate=0.1", "epochs=2"]),
        ("rate_too_low", "quick", ["learning_rate=1e-6", "epochs=2"]),
        ("dead_units", "reference-b", ["learning_rate=0.03", "epochs=2"]),
        ("vanishing_gradients", "reference-b",
         [*SIGMOIDS, "dense=[64,64,64]", "dense_activation=sigmoid", "epochs=2"]),
        ("overfitting", "reference-b",
         ["train_images=120", "head_dropout=0", "epochs=30", "learning_rate=0.002",
          "validation_share=0.4"]),
        ("too_small", "reference-b",
         ["model.blocks=[]", "dense=[2]", "dense_activation=tanh", "head_dropout=0",
          "epochs=12", "learning_rate=0.005"]),
    ],
)  # fmt: skip
def test_what_was_done_wrong_is_found(tmp_path, garments, kind, name, changes):
    result = trained(tmp_path / "run", garments, name, "batch_size=20", *changes)
    assert kind in result.kinds, result
    finding = next(one for one in result.findings if one.kind == kind)
    assert all((finding.claim, finding.evidence, finding.advice))
    assert kind == "rate_too_low" or "rate_too_low" not in result.kinds


@pytest.mark.training
def test_wrong_labels_are_found_and_about_how_many(tmp_path, many):
    data = mislabelled(many, 0.3)
    result = trained(tmp_path / "run", data, "quick", "epochs=4", "batch_size=32")
    assert "label_noise" in result.kinds
    finding = next(one for one in result.findings if one.kind == "label_noise")
    assert "%" in finding.claim
    assert "too_small" not in result.kinds


def epochs(*figures: tuple[float, float, float, float]) -> History:
    """Training loss and accuracy, validation loss and accuracy."""
    points = tuple(
        EpochPoint(number, *one, learning_rate=1e-3, seconds=1.0)
        for number, one in enumerate(figures, start=1)
    )
    return History(epochs_done=points, epochs=9, epoch=len(points))


def test_overfitting_is_dated_by_its_best_epoch():
    history = epochs(
        (0.6, 0.8, 0.5, 0.8), (0.4, 0.8, 0.4, 0.9), (0.3, 0.9, 0.45, 0.9), (0.2, 0.9, 0.5, 0.9)
    )
    (finding,) = diagnose(history, Trace()).findings
    assert finding.since == 2
    assert "since epoch 2" in finding.claim
    assert "0.400 to 0.500" in finding.evidence


def test_what_a_teacher_adds_to_the_loss_is_no_sign_of_a_wrong_rate():
    point = BatchPoint(x=0.1, loss=20.0, accuracy=0.5, learning_rate=1e-3)
    history = replace(epochs((9.0, 0.5, 0.5, 0.8)), batches=(point,))
    alone, has_teacher = (override(PLAIN, changes) for changes in ((), ("teacher=someone",)))
    assert diagnose(history, Trace(), alone).kinds == ("rate_too_high",)
    assert diagnose(history, Trace(), has_teacher).kinds == ()


def test_a_little_rise_is_no_overfitting():
    history = epochs(
        (0.6, 0.8, 0.5, 0.8), (0.4, 0.8, 0.4, 0.9), (0.3, 0.9, 0.42, 0.9), (0.2, 0.9, 0.43, 0.9)
    )
    result = diagnose(history, Trace())
    assert result.findings == ()
    assert "no snapshots" in result.evidence


def test_a_run_without_anything_is_judged_by_nothing():
    result = diagnose(History(), Trace())
    assert result.findings == ()
    assert result.evidence == "There are no records to check yet."


def test_an_older_run_that_became_nan_is_understood_by_its_diary():
    end = End(0.0, "failed", "The loss became NaN in epoch 1: the steps were too large.")
    result = diagnose(History(end=end), Trace())
    assert result.kinds == ("rate_too_high",)

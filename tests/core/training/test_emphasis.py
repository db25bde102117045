"""Classes that count more: by the loss alone, whatever else a training does."""

from typing import Any

import numpy as np
import pytest

from fmnist_core.config import ClassWeightsConfig
from fmnist_core.evaluation import load_predictions
from fmnist_core.runs.folder import RunFolder
from tests.nets import tiny, train

_LABELS = np.arange(40, dtype=np.uint8) % 10


def compiled(*changes: str) -> Any:
    from fmnist_core.training.compile import compiled_model

    return compiled_model(tiny(*changes), steps_per_epoch=4)


def loss(model: Any, labels: np.ndarray, answers: np.ndarray) -> float:
    return float(model.compute_loss(y=labels, y_pred=answers))


@pytest.mark.training
@pytest.mark.parametrize(
    "changes", [(), ("label_smoothing=0.1",), ("style_augmentation.negatives=0.2",)]
)
@pytest.mark.parametrize("column", [False, True])
def test_a_mistake_in_those_classes_costs_so_many_times_as_much(changes, column):
    answers = np.random.default_rng(0).normal(0, 2, (40, 10)).astype(np.float32)
    plain = compiled(*changes)
    each = np.array([loss(plain, _LABELS[i : i + 1], answers[i : i + 1]) for i in range(40)])
    weights = np.where(np.isin(_LABELS, (6, 0)), 3.0, 1.0) / 1.4
    emphasis = ("class_weights.labels=[6, 0]", "class_weights.factor=3")
    labels = _LABELS[:, None] if column else _LABELS
    found = loss(compiled(*changes, *emphasis), labels, answers)
    assert found == pytest.approx(float((each * weights).mean()), rel=1e-5)


@pytest.mark.training
def test_what_is_no_clothing_counts_as_the_other_classes_do():
    answers = np.random.default_rng(0).normal(0, 2, (1, 10)).astype(np.float32)
    other = np.array([10], np.uint8)
    emphasis = ("class_weights.labels=[1]", "class_weights.factor=6")
    plain = loss(compiled("style_augmentation.negatives=0.2"), other, answers)
    weighted = loss(compiled("style_augmentation.negatives=0.2", *emphasis), other, answers)
    assert weighted == pytest.approx(plain / 1.5, rel=1e-5)


@pytest.mark.training
def test_a_run_finds_more_of_the_class_that_counts_more(tmp_path, garments):
    found = []
    for name, changes in (
        ("plain", ()),
        ("more", ("class_weights.labels=[6]", "class_weights.factor=10")),
    ):
        base = ("epochs=2", "batch_size=20", "flip=true", "record_dynamics=false")
        train(tiny(*base, *changes), tmp_path / name, data=garments)
        said = load_predictions(RunFolder(tmp_path / name))
        found.append(int((said.predicted == 6).sum()))
    assert found[1] > found[0]


def test_weights_average_one():
    weights = ClassWeightsConfig((0, 6), 4.0).weights
    assert sum(weights[:10]) == pytest.approx(10)
    assert weights[6] / weights[5] == pytest.approx(4)
    assert not ClassWeightsConfig((), 4.0).active
    assert not ClassWeightsConfig((3,), 1.0).active

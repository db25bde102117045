"""Distillation: what is lost, by the labels and by the teacher, and what the feed carries."""

from typing import Any

import numpy as np
import pytest

from fmnist_core.collections import Items
from tests.nets import small

pytestmark = pytest.mark.training

_RANDOM = np.random.default_rng(0)
_LABELS = np.arange(40, dtype=np.uint8) % 10
_ANSWERS = _RANDOM.normal(0, 2, (40, 10)).astype(np.float32)


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def loss(targets: np.ndarray, answers: np.ndarray, *changes: str) -> float:
    from fmnist_core.training.compile import compiled_model

    model: Any = compiled_model(small(*changes), steps_per_epoch=4)
    return float(model.compute_loss(y=targets, y_pred=answers))


@pytest.mark.parametrize(
    "changes", [(), ("label_smoothing=0.1",), ("style_augmentation.negatives=0.2",)]
)
@pytest.mark.parametrize("output", ["logits", "softmax"])
def test_the_loss_is_a_share_of_the_labels_and_a_share_of_the_teachers(changes, output):
    from fmnist_core.training.distillation_targets import target_rows

    softened = softmax(_RANDOM.normal(0, 2, (40, 10)))
    answers = _ANSWERS if output == "logits" else softmax(_ANSWERS)
    own = softmax(_ANSWERS / 3)
    divergence = (softened * (np.log(softened) - np.log(own))).sum(axis=1).mean()
    by_label = loss(_LABELS, answers, *changes, f"output={output}")
    teacher = ("teacher=someone", "distillation.weight=0.7", "distillation.temperature=3")
    rows = target_rows(_LABELS, softened)
    found = loss(rows, answers, *changes, *teacher, f"output={output}")
    assert found == pytest.approx(0.3 * by_label + 0.7 * 9 * divergence, rel=1e-4)
    # Validation knows no teacher.
    held_back = loss(_LABELS, answers, *changes, *teacher, f"output={output}")
    assert held_back == pytest.approx(by_label, rel=1e-6)


def test_an_image_the_teacher_was_not_asked_about_counts_by_its_label_alone():
    from fmnist_core.training.distillation_targets import target_rows

    none = target_rows(_LABELS, np.zeros((40, 10)))
    teacher = ("teacher=someone", "distillation.weight=0.9")
    assert loss(none, _ANSWERS, *teacher) == pytest.approx(loss(_LABELS, _ANSWERS), rel=1e-6)
    emphasis = ("class_weights.labels=[6]", "class_weights.factor=3")
    found = loss(none, _ANSWERS, *teacher, *emphasis)
    assert found == pytest.approx(loss(_LABELS, _ANSWERS, *emphasis), rel=1e-6)


def test_who_agrees_with_the_teacher_has_nothing_more_to_learn_from_it():
    from fmnist_core.training.distillation_targets import target_rows

    agreed = target_rows(_LABELS, softmax(_ANSWERS / 4))
    assert loss(agreed, _ANSWERS, "teacher=x", "distillation.weight=1") == pytest.approx(
        0, abs=1e-5
    )


def test_the_accuracy_is_that_of_the_labels():
    from fmnist_core.training.compile import compiled_model
    from fmnist_core.training.distillation_targets import target_rows

    model: Any = compiled_model(small("teacher=someone"), steps_per_epoch=4)
    images = _RANDOM.integers(0, 256, (40, 28, 28), np.uint8)
    right = model.predict(images, verbose=0).argmax(axis=1) == _LABELS
    rows = target_rows(_LABELS, softmax(_ANSWERS))
    measured = model.evaluate(images, rows, verbose=0, return_dict=True)
    assert measured["accuracy"] == pytest.approx(right.mean())


def test_sketches_and_own_items_carry_their_label_alone(garments):
    from fmnist_core.training.dataloader import epoch_loader
    from fmnist_core.training.distillation_targets import target_rows

    train = garments.train
    rows = target_rows(train.labels, np.full((len(train), 10), 0.1))
    box = np.array([[40, 200, 200, 40, 40], [60, 60, 220, 220, 60]], np.float32)
    own = Items((), ((box,),), np.zeros(0, np.int64), np.array([8]))
    looks = (
        "style_augmentation.line_drawings=0.3",
        "style_augmentation.synthetic_sketches=0.1",
        "style_augmentation.negatives=0.1",
        "collection_share=0.1",
    )
    training = small(*looks, "teacher=someone").training
    with epoch_loader(train, training, [own], rows) as loader:
        targets = np.concatenate([np.asarray(y) for _, y in loader.epoch(0, last=True)], axis=None)
    found = targets.reshape(-1, 11)
    asked_about = found[:, 1:].sum(axis=1)
    assert (asked_about > 0.5).sum() == len(train)
    assert (asked_about == 0).sum() == loader.size - len(train) > 0
    assert (found[asked_about == 0, 0] == 11).any()
    assert set(found[asked_about > 0.5, 0]) == set(range(10))

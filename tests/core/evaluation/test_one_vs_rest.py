"""Curves of one class against the others, against scikit-learn."""

import numpy as np
import pytest

from fmnist_core.errors import DataError
from fmnist_core.evaluation import Predictions, each_vs_rest, one_vs_rest


@pytest.fixture(scope="module")
def said():
    random = np.random.default_rng(5)
    labels = random.integers(0, 10, 700)
    # Twenty votes for ten classes: many images share a probability.
    shares = 0.5 * np.eye(10)[labels] + 0.05
    votes = random.multinomial(20, shares)
    return Predictions((votes / 20).astype(np.float32), labels)


@pytest.mark.parametrize("number", range(10))
def test_curves_and_areas_are_scikit_learns(said, number):
    from sklearn.metrics import (
        average_precision_score,
        precision_recall_curve,
        roc_auc_score,
        roc_curve,
    )

    mine, scores = said.labels == number, said.probabilities[:, number].astype(np.float64)
    found = one_vs_rest(said, number)
    precision, recall, thresholds = precision_recall_curve(mine, scores)
    # Theirs runs from many to few and ends at a point of no images.
    assert np.array_equal(found.precision[::-1], precision[:-1])
    assert np.array_equal(found.recall[::-1], recall[:-1])
    assert np.array_equal(found.thresholds[::-1], thresholds)
    false_alarms, recall, _ = roc_curve(mine, scores, drop_intermediate=False)
    assert np.array_equal(np.append(0, found.false_alarms), false_alarms)
    assert np.array_equal(np.append(0, found.recall), recall)
    # A sum of many terms, which no two processors need add in the same order.
    assert abs(found.average_precision - average_precision_score(mine, scores)) < 1e-14
    assert abs(found.roc.auroc - roc_auc_score(mine, scores)) < 1e-14


def test_the_interval_of_average_precision_holds_the_truth():
    """The truth is that of very many images drawn alike."""
    random = np.random.default_rng(8)

    def drawn(firsts, others):
        of_class = np.concatenate([random.beta(4, 2, firsts), random.beta(2, 4, others)])
        rows = np.zeros((len(of_class), 10), np.float32)
        rows[:, 1], rows[:, 0] = of_class, 1 - of_class
        return one_vs_rest(Predictions(rows, np.repeat([1, 0], [firsts, others])), 1)

    truth = drawn(40_000, 160_000).average_precision
    intervals = [drawn(80, 320).precision_interval for _ in range(200)]
    held = np.mean([low <= truth <= high for low, high in intervals])
    assert 0.92 <= held <= 1


def test_a_perfect_class_has_an_interval_below_one():
    rows = np.eye(10, dtype=np.float32)[[3, 3, 0, 1]]
    found = one_vs_rest(Predictions(rows, np.array([3, 3, 0, 1])), 3)
    assert found.average_precision == 1
    assert found.precision_interval[0] < 0.5
    assert found.precision_interval[1] == pytest.approx(1)


def test_an_all_but_perfect_class_is_not_said_to_be_unknown():
    scores = np.append(np.linspace(0.6, 0.9, 200), np.linspace(0.5, 0.61, 200))
    rows = np.zeros((400, 10), np.float32)
    rows[:, 1], rows[:, 0] = scores, 1 - scores
    low, high = one_vs_rest(Predictions(rows, np.repeat([1, 0], 200)), 1).precision_interval
    assert 0.96 < low < high <= 1


def test_a_class_alone_or_absent_has_no_curve():
    rows = np.eye(10, dtype=np.float32)[[3, 3]]
    alone = Predictions(rows, np.array([3, 3]))
    for number in (3, 4):
        with pytest.raises(DataError, match="of the class and of others"):
            one_vs_rest(alone, number)
    assert each_vs_rest(alone) == ()


def test_classes_without_images_are_left_out():
    rows = np.eye(10, dtype=np.float32)[[3, 8]]
    found = each_vs_rest(Predictions(rows, np.array([3, 8])))
    assert [curve.number for curve in found] == [3, 8]

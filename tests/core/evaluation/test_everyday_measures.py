"""Mean class accuracy, AUROC and calibration error, each with its interval."""

import numpy as np
import pytest

from fmnist_core.errors import DataError
from fmnist_core.evaluation import Predictions, balanced_accuracy, reliability, separation, wilson


def test_each_class_counts_the_same_however_many_images_it_has():
    from sklearn.metrics import balanced_accuracy_score

    labels = np.repeat([0, 3], [90, 10])
    predicted = np.where(labels == 0, 0, 7)
    found = balanced_accuracy(predicted, labels)
    assert found.value == 0.5 == balanced_accuracy_score([0, 0, 3, 0], [0, 0, 0, 0])
    assert (found.images, found.classes) == (100, 2)


def test_of_one_class_the_interval_is_wilsons():
    found = balanced_accuracy([4] * 8 + [1] * 2, [4] * 10)
    assert found.interval == pytest.approx(wilson(8, 10))


def test_a_clean_sweep_of_few_images_proves_little():
    found = balanced_accuracy(np.arange(10), np.arange(10))
    assert found.value == found.interval[1] == 1
    assert found.interval[0] < 0.8
    many = balanced_accuracy(np.arange(10).repeat(100), np.arange(10).repeat(100))
    assert many.interval[0] > 0.98


def test_the_interval_of_the_mean_accuracy_holds_the_truth_as_often_as_it_says():
    random = np.random.default_rng(1)
    shares = random.uniform(0.5, 1, 10)
    labels = np.arange(10).repeat(15)
    held = 0
    for _ in range(300):
        right = random.random(150) < shares[labels]
        low, high = balanced_accuracy(np.where(right, labels, -1), labels).interval
        held += low <= shares.mean() <= high
    assert 0.91 < held / 300 < 0.99


def test_the_area_counts_ties_as_half():
    from sklearn.metrics import roc_auc_score

    random = np.random.default_rng(2)
    firsts, seconds = random.integers(2, 9, 40), random.integers(0, 6, 70)
    truth = np.repeat([1, 0], [40, 70])
    expected = roc_auc_score(truth, np.concatenate([firsts, seconds]))
    found = separation(firsts, seconds)
    assert found.auroc == pytest.approx(expected)
    assert found.interval[0] < expected < found.interval[1]
    assert (found.firsts, found.seconds) == (40, 70)


def test_a_perfect_separation_of_few_images_proves_little():
    assert separation([2.0] * 5, [1.0] * 5).interval[0] < 0.8
    assert separation([2.0] * 500, [1.0] * 500).interval[0] > 0.98
    assert separation([1.0], [2.0]).auroc == 0


def test_the_interval_of_the_area_holds_the_truth_as_often_as_it_says():
    random = np.random.default_rng(3)
    truth = 0.8555  # of two normal distributions 1.5 apart
    held = 0
    for _ in range(300):
        low, high = separation(random.normal(1.5, 1, 30), random.normal(0, 1, 90)).interval
        held += low <= truth <= high
    assert 0.91 < held / 300 < 0.99


def said(confidence, right, images):
    """`images` predictions of class 0 with this confidence, of which `right` are right."""
    rest = (1 - confidence) / 9
    rows = np.full((images, 10), rest, np.float32)
    rows[:, 0] = confidence
    return Predictions(rows, np.repeat([0, 5], [right, images - right]).astype(np.uint8))


def test_the_calibration_error_is_the_gap_between_word_and_deed():
    assert reliability(said(0.9, 90, 100)).error == pytest.approx(0, abs=1e-6)
    found = reliability(said(0.9, 60, 100))
    assert found.error == pytest.approx(0.3, abs=1e-6)
    assert found.interval[0] < 0.3 < found.interval[1]
    assert found.images == 100


def test_gaps_of_one_bin_cancel_and_of_two_bins_add_up():
    def joined(one, two):
        shares = np.concatenate([one.probabilities, two.probabilities])
        return Predictions(shares, np.concatenate([one.labels, two.labels]))

    same = joined(said(0.90, 100, 100), said(0.91, 80, 100))
    assert reliability(same).error == pytest.approx(0.005, abs=1e-5)
    apart = joined(said(0.90, 100, 100), said(0.70, 60, 100))
    assert reliability(apart).error == pytest.approx(0.1, abs=1e-5)


def test_certainty_belongs_to_the_last_bin():
    assert reliability(said(1.0, 100, 100)).error == 0
    assert reliability(said(1.0, 0, 100)).error == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda: balanced_accuracy([], []),
        lambda: balanced_accuracy([1, 2], [1]),
        lambda: separation([], [1.0]),
        lambda: separation([float("nan")], [1.0]),
    ],
)
def test_nothing_is_measured_on_nothing(call):
    with pytest.raises(DataError):
        call()

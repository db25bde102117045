"""Reliability diagram, temperature and coverage, against scikit-learn and by hand."""

import numpy as np
import pytest

from fmnist_core.errors import DataError
from fmnist_core.evaluation import (
    Predictions,
    at_temperature,
    aurc_interval,
    calibration_error,
    reliability,
    reliability_bins,
    risk_coverage,
    selective_accuracy,
    temperature_sweep,
    wilson,
)
from fmnist_core.models.calibration import fit_temperature, softmax


@pytest.fixture(scope="module")
def scores():
    """Scores twice as large as they should be, with their labels."""
    random = np.random.default_rng(4)
    honest = random.normal(0, 1.2, (1500, 10))
    labels = np.array([random.choice(10, p=row) for row in softmax(honest)])
    return 2 * honest, labels


@pytest.fixture(scope="module")
def said(scores):
    return Predictions(softmax(scores[0]).astype(np.float32), scores[1])


@pytest.mark.parametrize("temperature", [0.3, 1.0, 1.7, 4.0])
def test_bins_are_scikit_learns_to_the_last_digit(said, temperature):
    check_bins(at_temperature(said, temperature))


def test_bins_are_scikit_learns_at_their_limits_too():
    """Confidences of so many fifteenths lie on the limits, as near as float32 comes to them."""
    sure = np.repeat(np.arange(2, 16) / 15, 3)
    rows = np.zeros((len(sure), 10), np.float32)
    rows[:, 0], rows[:, 1:] = sure, ((1 - sure) / 9)[:, None]
    check_bins(Predictions(rows, np.arange(len(sure)) % 2))


def check_bins(said):
    from sklearn.calibration import calibration_curve

    confidence = said.probabilities.max(axis=1).astype(np.float64)
    right, word = calibration_curve(said.right, confidence, n_bins=15, strategy="uniform")
    bins = reliability_bins(said)
    assert [each.accuracy for each in bins] == right.tolist()
    assert [each.confidence for each in bins] == word.tolist()
    assert sum(each.images for each in bins) == len(said)


def test_bins_have_intervals_and_their_gaps_make_the_calibration_error(said):
    bins = reliability_bins(said)
    gaps = sum(abs(each.accuracy - each.confidence) * each.images for each in bins) / len(said)
    assert calibration_error(said) == pytest.approx(gaps, abs=1e-12)
    assert reliability(said).error == calibration_error(said)
    last = bins[-1]
    assert last.interval == wilson(round(last.accuracy * last.images), last.images)
    assert last.off
    assert (last.low, last.high) == (14 / 15, 1)


def test_a_temperature_divides_the_scores(scores, said):
    from sklearn.metrics import log_loss

    wide, labels = scores
    warm = at_temperature(said, 2.0)
    assert np.abs(warm.probabilities - softmax(wide / 2)).max() < 1e-6
    assert warm.loss == pytest.approx(log_loss(labels, softmax(wide / 2)), rel=1e-5)
    assert np.array_equal(warm.predicted, said.predicted)
    assert at_temperature(said, 1.0) is said


def test_the_least_loss_of_a_sweep_is_where_the_fit_says(scores, said):
    temperatures = np.linspace(1, 3, 41)
    sweep = temperature_sweep(said, temperatures.tolist())
    best = min(sweep, key=lambda each: each.loss)
    assert best.temperature == pytest.approx(fit_temperature(*scores), abs=0.05)
    assert best.error < sweep[0].error / 3
    assert sweep[0].error == calibration_error(said)


def test_certainty_survives_any_temperature():
    sure = Predictions(np.eye(10, dtype=np.float32), np.arange(10))
    for temperature in (0.25, 4.0):
        warm = at_temperature(sure, temperature)
        assert np.isfinite(warm.probabilities).all()
        assert warm.right.all()
    assert (warm.probabilities > 0).all()


@pytest.mark.parametrize("temperature", [0, -1, float("nan"), float("inf")])
def test_what_is_no_temperature_is_refused(said, temperature):
    with pytest.raises(DataError, match="above 0"):
        at_temperature(said, temperature)


def sure_of(confidences, right):
    rows = np.zeros((len(right), 10), np.float32)
    rows[:, 0], rows[:, 1] = confidences, 1 - np.array(confidences, np.float32)
    return Predictions(rows, np.where(right, 0, 5))


def test_the_risk_at_each_coverage_by_hand():
    found = risk_coverage(sure_of([0.9, 0.8, 0.7, 0.6], [True, False, True, True]))
    assert found.coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert found.accuracy == pytest.approx([1, 0.5, 2 / 3, 0.75])
    assert found.aurc == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 4) / 4)
    assert found.thresholds == pytest.approx([0.9, 0.8, 0.7, 0.6])


def test_equal_confidences_are_withheld_together():
    one = risk_coverage(sure_of([0.9, 0.9, 0.6], [True, False, True]))
    other = risk_coverage(sure_of([0.9, 0.9, 0.6], [False, True, True]))
    assert one.coverage.tolist() == [pytest.approx(2 / 3), 1]
    assert one.aurc == other.aurc == pytest.approx((1 / 2 + 1 / 2 + 1 / 3) / 3)


def test_a_perfect_order_risks_less_than_none(said):
    aurc = risk_coverage(said).aurc
    low, high = aurc_interval(said)
    assert low < aurc < high
    assert aurc < 1 - said.right.mean()


def test_withheld_answers_leave_the_others():
    said = sure_of([0.9, 0.8, 0.7, 0.6], [True, False, True, True])
    left = selective_accuracy(said, 0.65)
    assert (left.coverage.value, left.accuracy.value) == (0.75, pytest.approx(2 / 3))
    assert left.accuracy.interval == wilson(2, 3)
    assert selective_accuracy(said, 0.99).accuracy.of == 0

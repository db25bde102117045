"""Calibration: believable shares, and a threshold that lets 95 % of clothing pass."""

import numpy as np
import pytest

from fmnist_core.errors import DataError
from fmnist_core.models.calibration import Calibration, calibrated_predictions, fit_calibration


def said_and_true(count: int, heat: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Scores whose softmax is right at temperature `heat`: the classes are drawn from it."""
    random = np.random.default_rng(seed)
    honest = random.normal(0, 2, (count, 10))
    shares = np.exp(honest) / np.exp(honest).sum(axis=1, keepdims=True)
    classes = (shares.cumsum(axis=1) < random.random((count, 1))).sum(axis=1)
    return honest * heat, np.minimum(classes, 9)


def loss(scores: np.ndarray, labels: np.ndarray, calibration: Calibration) -> float:
    said = calibrated_predictions(scores, calibration).probabilities
    return float(-np.log(said[np.arange(len(labels)), labels]).mean())


@pytest.mark.parametrize("heat", [0.5, 1.0, 3.0])
def test_the_temperature_that_made_the_scores_is_found(heat):
    scores, labels = said_and_true(20_000, heat)
    fitted = fit_calibration(scores, labels, "made up")
    assert fitted.temperature == pytest.approx(heat, rel=0.05)
    assert (fitted.images, fitted.source) == (20_000, "made up")


@pytest.mark.parametrize("heat", [0.4, 4.0])
def test_images_not_fitted_on_are_told_more_truly(heat):
    fitted = fit_calibration(*said_and_true(2000, heat), "made up")
    fresh = said_and_true(2000, heat, seed=1)
    assert loss(*fresh, fitted) < loss(*fresh, Calibration()) - 0.02


def test_the_threshold_lets_95_of_100_pieces_of_clothing_pass():
    scores, labels = said_and_true(2000, 2.0)
    fitted = fit_calibration(scores, labels, "made up")
    answers = calibrated_predictions(scores, fitted)
    assert answers.is_clothing.mean() == pytest.approx(0.95, abs=0.001)
    assert np.median(answers.clothing) == pytest.approx(0.95, abs=0.01)
    assert (answers.clothing[answers.is_clothing] >= 0.5).all()
    nothing = calibrated_predictions(np.zeros((1, 10)), fitted)
    assert not nothing.is_clothing[0]
    assert nothing.clothing[0] < 0.5


def test_a_few_images_all_recognised_make_nothing_certain():
    fitted = fit_calibration(np.eye(10) * 8, np.arange(10), "made up")
    assert fitted.temperature >= 0.25
    assert calibrated_predictions(np.eye(10) * 8, fitted).is_clothing.all()


def test_scores_that_are_all_alike_still_give_a_calibration():
    fitted = fit_calibration(np.zeros((5, 10)), np.arange(5), "made up")
    assert calibrated_predictions(np.zeros((1, 10)), fitted).is_clothing[0]


@pytest.mark.parametrize(
    ("scores", "labels", "match"),
    [
        (np.zeros((0, 10)), [], "some images"),
        (np.zeros((3, 10)), [1, 2], "some images"),
        (np.full((2, 10), np.nan), [1, 2], "finite"),
    ],
)
def test_what_cannot_be_fitted_is_refused(scores, labels, match):
    with pytest.raises(DataError, match=match):
        fit_calibration(scores, labels, "made up")


def test_clothing_in_other_looks_moves_the_threshold_and_not_the_temperature():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 10, 400)
    plain = rng.normal(0, 1, (400, 10)) + 9 * np.eye(10)[truth]
    drawn = plain * 0.4
    alone = fit_calibration(plain, truth, "made up")
    both = fit_calibration(plain, truth, "made up", drawn)
    assert both.temperature == alone.temperature
    assert both.clothing_threshold < alone.clothing_threshold
    accepted = [calibrated_predictions(some, both).is_clothing.mean() for some in (plain, drawn)]
    assert np.mean(accepted) == pytest.approx(0.95, abs=0.01)


def test_the_threshold_of_other_clothing_lets_95_of_100_of_the_ten_pass():
    rng = np.random.default_rng(3)
    scores = rng.normal(0, 1, (400, 11))
    labels = rng.integers(0, 10, 400)
    scores[np.arange(400), labels] += 4
    scores[:, 10] += rng.normal(0, 2, 400)
    fitted = fit_calibration(scores, labels, "test", other_clothing=True)
    said = calibrated_predictions(scores, fitted)
    assert (said.other_clothing <= fitted.other_clothing_threshold).mean() == 0.95
    assert (said.is_other_clothing <= said.is_clothing).all()
    # What the ten are does not depend on the eleventh score.
    ten = fit_calibration(scores[:, :10], labels, "test", other_clothing=True)
    assert ten.temperature == fitted.temperature
    alone = calibrated_predictions(scores[:, :10], ten)
    np.testing.assert_array_equal(said.probabilities, alone.probabilities)
    # Without that output nothing is ever called other clothing.
    assert ten.other_clothing_threshold == 1
    # Nor where nothing taught it what that is.
    assert fit_calibration(scores, labels, "test").other_clothing_threshold == 1


def test_an_output_that_learned_nothing_calls_nothing_other_clothing():
    rng = np.random.default_rng(4)
    scores = rng.normal(0, 1, (300, 11))
    labels = rng.integers(0, 10, 300)
    scores[np.arange(300), labels] += 6
    scores[:, 10] -= 8
    fitted = fit_calibration(scores, labels, "test", other_clothing=True)
    assert fitted.other_clothing_threshold == pytest.approx(1 / 11)
    assert not calibrated_predictions(scores, fitted).is_other_clothing.any()


def test_other_clothing_is_clothing():
    scores = np.zeros((2, 11))
    scores[0, 10] = 20
    fitted = Calibration(clothing_threshold=-0.5, other_clothing_threshold=0.5, images=1)
    said = calibrated_predictions(scores, fitted)
    assert said.is_clothing.tolist() == said.is_other_clothing.tolist() == [True, False]

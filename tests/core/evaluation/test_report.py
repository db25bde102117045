"""Figures against counts made by hand and against scikit-learn's own."""

import json

import numpy as np
import pytest

from fmnist_core.errors import DataError
from fmnist_core.evaluation import Evaluation, Predictions, wilson

OFFICIAL = {"name": "fashion-mnist", "official": True, "fingerprint": "f" * 64, "source": "here"}


def one_hot(predicted, sure=0.91):
    rows = np.full((len(predicted), 10), (1 - sure) / 9, dtype=np.float32)
    rows[np.arange(len(predicted)), predicted] = sure
    return rows


def judge(predicted, labels, **changes):
    options = {"data": OFFICIAL, "weights": "best", "epoch": 3, **changes}
    return Evaluation.from_probabilities(one_hot(predicted), np.array(labels), **options)


def test_counts_and_accuracy_are_those_of_the_labels_also_after_json():
    found = judge([0, 0, 6, 9], [0, 6, 6, 9])
    assert (found.images, found.accuracy, found.split) == (4, 0.75, "test")
    assert found.confusion[6][0] == 1
    assert found.confusion[6][6] == 1
    assert sum(map(sum, found.confusion)) == 4
    assert found.official
    assert Evaluation.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_loss_is_the_mean_cross_entropy():
    found = judge([0, 0], [0, 1])
    expected = -(np.log(0.91) + np.log(0.01)) / 2
    assert found.loss == pytest.approx(expected, rel=1e-5)


def test_figures_are_scikit_learns_to_the_last_digit():
    from sklearn.metrics import (
        accuracy_score,
        confusion_matrix,
        log_loss,
        precision_recall_fscore_support,
    )

    random = np.random.default_rng(1)
    labels, predicted = random.integers(0, 10, 500), random.integers(0, 10, 500)
    found = judge(predicted, labels)
    assert np.array_equal(found.counts, confusion_matrix(labels, predicted))
    assert found.accuracy == accuracy_score(labels, predicted)
    theirs = precision_recall_fscore_support(labels, predicted)
    for name, values in zip(("precision", "recall", "f1", "support"), theirs, strict=True):
        assert [getattr(each, name) for each in found.classes] == values.tolist()
    said = one_hot(predicted).astype(np.float64)
    assert found.loss == pytest.approx(log_loss(labels, said), rel=1e-12)


def test_a_class_never_seen_nor_guessed_scores_zero_without_a_warning(recwarn):
    found = judge([0], [0])
    assert (found.classes[5].precision, found.classes[5].support) == (0.0, 0)
    assert not recwarn.list


def test_wilson_interval_matches_a_published_example():
    # Newcombe 1998, table I: 81 of 263 and 0 of 20, without continuity correction.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)


@pytest.mark.parametrize(("correct", "images"), [(0, 1), (1, 1), (7, 9), (9_412, 10_000)])
def test_wilson_interval_is_scipys(correct, images):
    from scipy.stats import binomtest

    theirs = binomtest(correct, images).proportion_ci(method="wilson")
    assert wilson(correct, images) == pytest.approx((theirs.low, theirs.high), abs=1e-15)


def test_most_confused_pairs_read_as_sentences():
    found = judge([0, 0, 2, 6, 7], [6, 6, 6, 6, 9])
    assert [str(pair) for pair in found.most_confused(2)] == [
        "true Shirt, predicted T-shirt/top: 2 of 4",
        "true Shirt, predicted Pullover: 1 of 4",
    ]
    assert len(found.most_confused(50)) == 3
    assert judge([1, 2], [1, 2]).most_confused() == []


DAMAGES = (
    *(None, [], {}, {"accuracy": "good"}, {"confusion": [[1]]}, {"interval": 3}, {"classes": []}),
    *({"data": None}, {"surprise": 1}),
)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_form_is_refused(damage):
    value = damage
    if damage:
        value = {**judge([0], [0]).to_json(), **damage}
    with pytest.raises(DataError, match="damaged"):
        Evaluation.from_json(value)


@pytest.mark.parametrize(
    ("probabilities", "labels", "says"),
    [
        (np.zeros((2, 10)), [0, 1], "add up to 1"),
        (np.full((1, 10), np.nan), [0], "add up to 1"),
        (np.eye(10)[:1] * 2 - 0.1, [0], "from 0 to 1"),
        (np.eye(10)[:2], [0], "10 probabilities"),
        (np.eye(9)[:1], [0], "10 probabilities"),
        (np.zeros((0, 10)), [], "one or more"),
        (np.eye(10)[:1], [10], "0 to 9"),
        (np.eye(10)[:1], [-1], "0 to 9"),
    ],
)
def test_what_is_no_probability_is_refused(probabilities, labels, says):
    with pytest.raises(DataError, match=says):
        Evaluation.from_probabilities(
            probabilities, np.array(labels), data=OFFICIAL, weights="last", epoch=1
        )


def test_figures_recognise_their_own_predictions():
    found = judge([0, 1], [0, 1])
    assert found.agrees_with(Predictions(one_hot([0, 1]), np.array([0, 1])))
    assert not found.agrees_with(Predictions(one_hot([0, 2]), np.array([0, 1])))


def test_images_can_be_left_out_and_older_evaluations_open():
    labels = [0, 6, 6, 9, 1]
    found = judge([0, 0, 6, 9, 1], labels, near_duplicates=np.array([0, 4]))
    part = found.without_near_duplicates
    assert (part.of, part.value) == (3, 2 / 3)
    assert part.interval == wilson(2, 3)
    kept = json.loads(json.dumps(found.to_json()))
    assert Evaluation.from_json(kept) == found
    del kept["without_near_duplicates"]
    assert Evaluation.from_json(kept).without_near_duplicates is None
    assert judge([0], [0], near_duplicates=np.array([0])).without_near_duplicates is None


PART = {"value": 0.5, "interval": [0.2, 0.8], "of": 2}


@pytest.mark.parametrize(
    "damage",
    [
        *({"interval": None}, {"interval": [0.6, 0.8]}, {"interval": [0.2, 1.2]}),
        *({"interval": [-0.1, 0.8]}, {"value": 0.9}, {"value": float("nan")}, {"value": None}),
        *({"of": 0}, {"of": 3}, {"of": float("inf")}, {"of": "many"}),
    ],
)
def test_a_damaged_part_without_near_duplicates_is_refused(damage):
    kept = judge([0, 1], [0, 1]).to_json()
    assert Evaluation.from_json(kept | {"without_near_duplicates": PART})
    with pytest.raises(DataError, match="damaged"):
        Evaluation.from_json(kept | {"without_near_duplicates": PART | damage})


@pytest.mark.parametrize("others", [0, 1])
def test_a_part_that_is_all_right_or_all_wrong_opens(others):
    labels = np.zeros(11, int)
    found = judge(labels + others, labels, near_duplicates=np.array([0]))
    assert Evaluation.from_json(json.loads(json.dumps(found.to_json()))) == found

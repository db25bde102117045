"""Two runs on the same images, against published examples."""

import numpy as np
import pytest

from fmnist_core.errors import DataError
from fmnist_core.evaluation import (
    Evaluation,
    PairedDifference,
    Predictions,
    check_same_images,
    class_differences,
    paired_difference,
)

DATA = {"name": "fashion-mnist", "official": True, "fingerprint": "f" * 64, "source": "here"}


def test_mcnemar_of_a_published_example():
    # Bentur et al., in Fagerland, Lydersen & Laake 2013, table 1: 8 pairs differ, 1 against 7.
    found = PairedDifference(both=1, only_first=1, only_second=7, neither=12)
    assert found.exact_p == pytest.approx(2 * (1 + 8) / 2**8)
    assert found.p == pytest.approx(2 * (1 + 8) / 2**8 - 8 / 2**8)


def test_the_interval_of_published_examples():
    # Newcombe 1998, table II, method 10; Bentur as in Fagerland, Lydersen & Laake 2014.
    found = PairedDifference(both=36, only_first=12, only_second=2, neither=0)
    assert found.difference == 0.2
    assert found.interval == pytest.approx((0.0569, 0.3404), abs=5e-5)
    bentur = PairedDifference(1, 1, 7, 12)
    assert bentur.interval == pytest.approx((-0.507, -0.026), abs=5e-4)


def test_as_many_against_as_for_is_chance():
    found = PairedDifference(50, 6, 6, 3)
    assert found.exact_p == 1
    assert found.p == pytest.approx(1 - 924 / 4096 / 2)
    assert not found.more_than_chance
    low, high = found.interval
    assert low == pytest.approx(-high)


def test_equal_networks_differ_by_nothing():
    found = PairedDifference(9, 0, 0, 1)
    assert (found.difference, found.p, found.exact_p) == (0, 1, 1)
    assert not found.more_than_chance


def test_swapping_the_runs_turns_the_sign():
    one, other = PairedDifference(800, 60, 30, 110), PairedDifference(800, 30, 60, 110)
    assert one.difference == -other.difference
    assert one.interval == pytest.approx(tuple(-limit for limit in reversed(other.interval)))
    assert one.p == other.p
    assert one.more_than_chance


def test_the_test_cries_wolf_at_most_as_often_as_it_says():
    random = np.random.default_rng(11)
    cries = sum(
        PairedDifference(*random.multinomial(1000, [0.85, 0.05, 0.05, 0.05])).more_than_chance
        for _ in range(600)
    )
    assert cries / 600 < 0.07


def test_thousands_of_differing_images_are_counted_exactly():
    found = PairedDifference(0, 5000, 4800, 200)
    assert found.exact_p == pytest.approx(0.0444, abs=2e-4)
    assert 0 < found.p < found.exact_p


def one_hot(predicted):
    return np.eye(10, dtype=np.float32)[predicted]


def test_images_are_counted_by_who_recognised_them():
    labels = np.array([0, 0, 1, 1, 1])
    first = Predictions(one_hot([0, 0, 1, 2, 2]), labels)
    second = Predictions(one_hot([0, 3, 1, 1, 2]), labels)
    assert paired_difference(first, second) == PairedDifference(2, 1, 1, 1)
    assert class_differences(first, second) == {
        0: PairedDifference(1, 1, 0, 0),
        1: PairedDifference(1, 0, 1, 1),
    }


def test_other_labels_are_other_images():
    first = Predictions(one_hot([0, 1]), np.array([0, 1]))
    for labels in ([0, 2], [0]):
        second = Predictions(one_hot(labels), np.array(labels))
        for compare in (paired_difference, class_differences):
            with pytest.raises(DataError, match="same images"):
                compare(first, second)


def judged(labels=(0, 1), split="test", **data):
    figures = {"data": {**DATA, **data}, "split": split, "weights": "best", "epoch": 1}
    return Evaluation.from_probabilities(one_hot(list(labels)), np.array(labels), **figures)


@pytest.mark.parametrize(
    "other",
    [
        {"name": "synthetic-garments"},
        {"fingerprint": "0" * 64},
        {"labels": (0, 1, 2)},
        {"split": "validation"},
    ],
)
def test_figures_on_other_images_are_not_compared(other):
    with pytest.raises(DataError, match="same images"):
        check_same_images(judged(), judged(**other))
    check_same_images(judged(), judged(source="elsewhere"))

"""Labels that a network contradicts with certainty, and pictures that are copies."""

import numpy as np
import pytest

from fmnist_core.datasets.label_issues import (
    class_thresholds,
    confident_class,
    find_mislabelled,
    similarity,
)


def said(*rows: dict[int, float]) -> np.ndarray:
    """Probabilities (n, 10); what is not named shares the rest."""
    table = np.zeros((len(rows), 10), np.float32)
    for row, named in zip(table, rows, strict=True):
        row[:] = (1 - sum(named.values())) / (10 - len(named))
        for number, share in named.items():
            row[number] = share
    return table


def test_a_threshold_is_the_mean_certainty_where_the_class_is_the_label():
    probabilities = said({0: 0.9}, {0: 0.5}, {1: 0.6})
    thresholds = class_thresholds(probabilities, np.array([0, 0, 1], np.uint8))
    assert thresholds[:2] == pytest.approx([0.7, 0.6])
    assert (thresholds[2:] > 1).all()


def test_only_classes_above_their_threshold_are_suggested():
    thresholds = np.array([0.7, 0.3, *[2.0] * 8])
    # The likeliest class of the first image is below its threshold, the second's above.
    found = confident_class(said({0: 0.6, 1: 0.35}, {0: 0.8}, {5: 0.9}), thresholds)
    assert found.tolist() == [1, 0, -1]


LABELS = np.array([0] * 4 + [1] * 4, np.uint8)
# The fourth image is labelled 0, and the network finds it a 1.
PROBABILITIES = said(*[{0: 0.9}] * 3, {1: 0.95}, *[{1: 0.8}] * 4)


def votes(share: float):
    def neighbor_votes(doubted):
        assert doubted.tolist() == [3]
        return said({1: share, 0: 1 - share})

    return neighbor_votes


def test_neighbours_must_agree_where_the_label_was_learned():
    learned = np.zeros(8, bool)
    assert find_mislabelled(PROBABILITIES, LABELS, learned, votes(0.5)) == ()
    (found,) = find_mislabelled(PROBABILITIES, LABELS, learned, votes(0.8))
    assert (found.index, found.given, found.suggested) == (3, 0, 1)
    assert found.probability == pytest.approx(0.95)
    assert found.agreeing == pytest.approx(0.8)
    assert not found.held_back


def test_what_was_held_back_is_judged_by_confident_learning_alone():
    (found,) = find_mislabelled(PROBABILITIES, LABELS, np.ones(8, bool), votes(0.1))
    assert found.index == 3
    assert found.held_back


def test_the_most_suspicious_come_first():
    labels = np.array([0, 0, 0, 0, 1, 1], np.uint8)
    probabilities = said({0: 0.9}, {0: 0.9}, {1: 0.81}, {1: 0.99}, {1: 0.8}, {1: 0.8})

    def neighbor_votes(doubted):
        return said(*[{1: 0.9}] * len(doubted))

    found = find_mislabelled(probabilities, labels, np.zeros(6, bool), neighbor_votes)
    assert [each.index for each in found] == [3, 2]
    assert found[0].score > found[1].score


def test_without_any_doubt_nothing_is_found():
    def neighbor_votes(doubted):
        return np.zeros((len(doubted), 10), np.float32)

    labels = np.zeros(3, np.uint8)
    assert find_mislabelled(said(*[{0: 0.9}] * 3), labels, np.zeros(3, bool), neighbor_votes) == ()


@pytest.fixture
def garment():
    image = np.zeros((28, 28), np.uint8)
    image[5:24, 8:20] = np.random.default_rng(1).integers(120, 250, (19, 12))
    return image


def test_a_picture_is_its_own_copy(garment):
    found = similarity(garment[None], garment[None])
    assert found.whole[0] == pytest.approx(1, abs=1e-4)
    assert found.inside[0] == pytest.approx(1, abs=1e-4)
    assert found.shift.tolist() == [[0, 0]]
    assert found.copies.tolist() == [True]


@pytest.mark.parametrize(("down", "right"), [(2, -1), (-2, 2), (0, 1)])
def test_a_shift_is_found(garment, down, right):
    moved = np.roll(garment, (down, right), axis=(0, 1))
    found = similarity(garment[None], moved[None])
    assert found.shift.tolist() == [[down, right]]
    assert found.copies[0]


def test_a_shift_beyond_reach_is_none(garment):
    assert not similarity(garment[None], np.roll(garment, 4, axis=0)[None]).copies[0]


def test_an_outline_alone_makes_no_copy(garment):
    other = garment.copy()
    other[garment > 0] = np.random.default_rng(2).integers(170, 200, (garment > 0).sum())
    plain = np.where(garment > 0, garment // 8 + 170, 0).astype(np.uint8)
    found = similarity(plain[None], other[None])
    assert found.whole[0] > 0.98
    assert not found.copies[0]


def test_images_of_one_grey_are_like_nothing(garment, recwarn):
    black = np.zeros((1, 28, 28), np.uint8)
    found = similarity(black, garment[None])
    assert found.whole[0] == 0
    assert not similarity(black, black).copies[0]
    assert not recwarn.list


def test_no_pairs_are_no_trouble():
    none = np.zeros((0, 28, 28), np.uint8)
    assert len(similarity(none, none).copies) == 0

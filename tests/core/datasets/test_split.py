"""Splits and subsets that keep every class's share."""

import numpy as np
import pytest

from fmnist_core.datasets.split import stratified_split, subset
from fmnist_core.errors import DataError

LABELS = np.random.default_rng(0).permutation(np.repeat(np.arange(10, dtype=np.uint8), 60))


@pytest.mark.parametrize("share", [0.0, 0.05, 0.1, 0.333, 0.5])
def test_together_they_are_everything_once_and_sorted(share):
    training, validation = stratified_split(LABELS, share, seed=1)
    assert sorted([*training, *validation]) == list(range(600))
    assert (np.diff(training) > 0).all()
    assert (np.diff(validation) > 0).all()
    assert len(validation) == round(600 * share)
    assert np.ptp(np.bincount(LABELS[validation], minlength=10)) <= 1


def test_uneven_classes_keep_their_share():
    labels = np.repeat(np.array([0, 1, 2], np.uint8), [1000, 100, 10])
    _, validation = stratified_split(labels, 0.1, seed=0)
    assert np.bincount(labels[validation]).tolist() == [100, 10, 1]


def test_the_seed_decides():
    first, again, other = (stratified_split(LABELS, 0.2, seed)[1] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("share", [-0.1, 1.0, 1.5, float("nan")])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(DataError, match="share"):
        stratified_split(LABELS, share, seed=0)


def test_a_class_left_with_nothing_to_learn_from_is_refused():
    with pytest.raises(DataError, match="Every class"):
        stratified_split(np.arange(10, dtype=np.uint8), 0.5, seed=0)


@pytest.mark.parametrize("count", [0, 10, 95, 599, 600])
def test_a_subset_is_even_sorted_and_of_the_asked_size_where_0_means_all(count):
    chosen = subset(LABELS, count, seed=4)
    assert len(chosen) == len(set(chosen.tolist())) == (count or len(LABELS))
    assert (np.diff(chosen) > 0).all()
    assert np.ptp(np.bincount(LABELS[chosen], minlength=10)) <= 1
    assert np.array_equal(chosen, subset(LABELS, count, seed=4))


@pytest.mark.parametrize("count", [-1, 601])
def test_a_subset_out_of_range_is_refused(count):
    with pytest.raises(DataError, match="600"):
        subset(LABELS, count, seed=0)

"""Wrong labels and copies that were put among the images are found again."""

from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np
import pytest

from fmnist_core.background_job import StoppedError
from fmnist_core.config.presets import preset
from fmnist_core.datasets.dataset import Dataset, ImageSet
from fmnist_core.datasets.label_issues import LabelIssues
from fmnist_core.explain.label_issue_search import LabelIssueSearch
from tests.nets import seeded

pytestmark = pytest.mark.training

# Trousers called bags, and ankle boots called dresses.
WRONG = {1: 8, 9: 3}
COPIES = {17: 5, 401: 44}


@pytest.fixture(scope="module")
def planted(garments: Dataset) -> tuple[Dataset, dict[int, int]]:
    """The garments with eight wrong labels, and two training images that are test images."""
    labels, images = garments.train.labels.copy(), garments.train.images.copy()
    wrong = {}
    for given, false in WRONG.items():
        for index in np.flatnonzero(garments.train.labels == given)[[3, 13, 23, 33]]:
            labels[index], wrong[int(index)] = false, given
    for train, test in COPIES.items():
        images[train] = np.roll(garments.test.images[test], 1, axis=0)
        labels[train] = garments.test.labels[test]
    return replace(garments, train=ImageSet(images, labels)), wrong


@pytest.fixture(scope="module")
def network(garments: Dataset) -> Any:
    """A network that has learned the right labels a little."""
    import keras

    model = seeded(preset("quick").config, 1)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(2e-3), loss)
    model.fit(garments.train.images, garments.train.labels, epochs=6, verbose=0)
    return model


@pytest.fixture(scope="module")
def found(network: Any, planted: tuple[Dataset, dict[int, int]]) -> LabelIssues:
    return LabelIssueSearch(planted[0], np.zeros(600, bool)).run(network)


def test_wrong_labels_are_what_it_finds_first(found, planted):
    wrong, first = planted[1], found.mislabelled[:8]
    right = [wrong.get(one.index) == one.suggested for one in first]
    assert all(right[:3])
    # Not each reaches what the network is sure of on the mean.
    assert sum(right) >= 4
    assert all(one.probability > one.of_given for one in first)
    assert all(one.agreeing > 0.5 and not one.held_back for one in first)


def test_copies_are_found_with_their_shift(found):
    pairs = {(one.train, one.test): one for one in found.copies}
    for train, test in COPIES.items():
        assert pairs[train, test].shift == (-1, 0)
        assert pairs[train, test].inside > 0.99


def test_it_says_what_it_rests_on(network, planted):
    data, wrong = planted
    held_back = np.zeros(600, bool)
    held_back[list(wrong)] = True
    found = LabelIssueSearch(data, held_back).run(network)
    assert found.fingerprint == data.identity.fingerprint
    assert (found.images, found.held_back) == (600, 8)
    assert {one.index for one in found.mislabelled if one.held_back} <= set(wrong)


def test_progress_is_told_and_it_can_be_stopped(network, planted):
    heard: list[tuple[float, str]] = []
    stop = Event()

    def hear(share: float, what: str = "") -> None:
        heard.append((share, what))
        if what.startswith("Comparing with"):
            stop.set()

    with pytest.raises(StoppedError):
        LabelIssueSearch(planted[0], np.zeros(600, bool), hear, stop).run(network)
    assert heard[0] == (0, "Looking at the training images (1 of 3)")
    assert {what[-7] for _, what in heard} >= set("12")
    shares = [share for share, what in heard if "1 of 3" in what]
    assert shares == sorted(shares)
    assert 0.8 < shares[-1] < 1


def test_a_network_of_very_many_features_is_asked_all_the_same(planted):
    import keras

    inputs = keras.Input((28, 28, 1))
    flat = keras.layers.Flatten()(inputs)
    model = keras.Model(inputs, keras.layers.Dense(10)(flat))
    found = LabelIssueSearch(planted[0], np.zeros(600, bool)).run(model)
    assert {(one.train, one.test) for one in found.copies} >= set(COPIES.items())

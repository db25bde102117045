"""The nearest training images, and the features they are found by."""

import os
from typing import Any

import numpy as np
import pytest

from fmnist_core.config.presets import preset
from fmnist_core.datasets.dataset import Dataset
from fmnist_core.explain.neighbours import (
    FeatureBank,
    bank_path,
    build_bank,
    directions_of,
    load_bank,
    save_bank,
)
from tests.nets import seeded


@pytest.fixture(scope="module")
def network() -> Any:
    return seeded(preset("quick").config, 1)


@pytest.fixture(scope="module")
def bank(network: Any, garments: Dataset) -> FeatureBank:
    return build_bank(network, garments.train)


@pytest.mark.training
def test_features_are_what_the_last_layer_reads(network, garments):
    from fmnist_core.models.features import features, scores

    images = garments.test.images[:7]
    kernel, bias = network.layers[-1].get_weights()
    np.testing.assert_allclose(
        features(network, images, batch=3) @ kernel + bias, scores(network, images), atol=1e-4
    )


@pytest.mark.training
def test_an_image_that_was_learned_from_finds_itself_first(network, garments, bank):
    from fmnist_core.models.features import features

    for index in (0, 123, 599):
        sought = features(network, garments.train.images[index : index + 1])[0]
        found, distances = bank.nearest(sought)
        assert found[0] == index
        assert distances[0] == pytest.approx(0, abs=1e-3)
        assert (np.diff(distances) >= 0).all()
        assert len(set(found.tolist())) == 5


def test_nearness_is_an_angle():
    features = np.array([[2, 0], [5, 5], [0, 1], [-1, 0]], np.float32)
    bank = FeatureBank(np.array([10, 20, 30, 40]), directions_of(features))
    indices, distances = bank.nearest(np.array([100, 1], np.float32), count=4)
    assert indices.tolist() == [10, 20, 30, 40]
    np.testing.assert_allclose(distances, [0, 1 - 0.5**0.5, 1, 2], atol=0.02)
    indices, distances = bank.nearest(np.zeros(2, np.float32), count=1)
    assert distances.tolist() == [1]


@pytest.mark.training
def test_a_bank_is_kept_on_disk_and_made_anew_where_it_does_not_fit(tmp_path, garments, bank):
    path = bank_path(tmp_path, "a" * 64, "b" * 64)
    assert load_bank(path, garments.train) is None
    save_bank(path, bank)
    kept = load_bank(path, garments.train)
    assert np.array_equal(kept.directions, bank.directions)
    assert np.array_equal(kept.indices, bank.indices)
    assert load_bank(path, garments.test) is None
    path.write_bytes(path.read_bytes()[:1000])
    assert load_bank(path, garments.train) is None


@pytest.mark.training
def test_only_the_last_banks_are_kept(tmp_path, bank):
    for number in range(10):
        path = bank_path(tmp_path, f"{number}" * 64, "b" * 64)
        save_bank(path, bank)
        os.utime(path, (number, number))
    names = sorted(path.name[0] for path in tmp_path.iterdir())
    assert names == ["2", "3", "4", "5", "6", "7", "8", "9"]

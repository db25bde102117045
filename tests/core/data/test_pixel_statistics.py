"""Counts, histograms and mean images, against NumPy's own answers."""

from __future__ import annotations

import numpy as np
import pytest

from fmnist_core.data.dataset import ImageSet
from fmnist_core.data.statistics import (
    class_counts,
    class_images,
    normalised,
    pixel_statistics,
)
from fmnist_core.errors import DataError

RNG = np.random.default_rng(5)
# More images than are looked at together, and classes 0 to 8 only.
IMAGES = RNG.integers(0, 256, (4500, 28, 28), np.uint8) // 2
LABELS = RNG.integers(0, 9, 4500).astype(np.uint8)


def test_class_counts_name_all_ten_classes():
    assert class_counts(np.array([1, 1, 3], np.uint8)).tolist() == [0, 2, 0, 1, 0, 0, 0, 0, 0, 0]


def test_histogram_mean_and_deviation():
    pixels = pixel_statistics(IMAGES)
    assert np.array_equal(pixels.counts, np.bincount(IMAGES.ravel(), minlength=256))
    assert pixels.mean == pytest.approx(IMAGES.mean())
    assert pixels.deviation == pytest.approx(IMAGES.std())


def test_unit_normalisation_divides_by_255():
    unit = normalised(pixel_statistics(IMAGES), "unit")
    assert unit.values[[0, 255]].tolist() == [0, 1]
    assert unit.mean == pytest.approx((IMAGES / 255).mean())
    assert unit.deviation == pytest.approx((IMAGES / 255).std())


def test_standard_normalisation_uses_the_training_images():
    training, test = pixel_statistics(IMAGES[:3000]), pixel_statistics(IMAGES[3000:])
    own, other = normalised(training, "standard"), normalised(test, "standard", training)
    assert own.mean == pytest.approx(0, abs=1e-9)
    assert own.deviation == pytest.approx(1)
    x = IMAGES[:3000] / 255
    expected = (IMAGES[3000:] / 255 - x.mean()) / x.std()
    assert other.mean == pytest.approx(expected.mean())
    assert np.array_equal(other.counts, test.counts)


def test_what_cannot_be_normalised_is_refused():
    grey = pixel_statistics(np.full((2, 28, 28), 7, np.uint8))
    with pytest.raises(DataError, match="single grey"):
        normalised(grey, "standard")
    with pytest.raises(DataError, match="magic"):
        normalised(grey, "magic")


def test_mean_image_and_spread_of_each_class():
    images = class_images(ImageSet(IMAGES, LABELS))
    for label in range(9):
        chosen = IMAGES[label == LABELS].astype(np.float64)
        assert images.mean[label] == pytest.approx(chosen.mean(axis=0), abs=1e-3)
        assert images.deviation[label] == pytest.approx(chosen.std(axis=0), abs=1e-3)
    assert not images.mean[9].any()

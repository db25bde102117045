"""Counts, histograms and mean images, against NumPy's own answers."""

import numpy as np
import pytest

from fmnist_core.datasets.dataset import ImageSet
from fmnist_core.datasets.statistics import class_counts, class_images, pixel_statistics, rescaled

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


def test_rescaling_is_arithmetic_on_the_values():
    pixels = pixel_statistics(IMAGES)
    scaled = rescaled(pixels, 1 / 90, -0.8)
    expected = IMAGES / 90 - 0.8
    assert scaled.mean == pytest.approx(expected.mean())
    assert scaled.deviation == pytest.approx(expected.std())
    assert np.array_equal(scaled.counts, pixels.counts)


def test_mean_image_and_spread_of_each_class():
    images = class_images(ImageSet(IMAGES, LABELS))
    for label in range(9):
        chosen = IMAGES[label == LABELS].astype(np.float64)
        assert images.mean[label] == pytest.approx(chosen.mean(axis=0), abs=1e-3)
        assert images.deviation[label] == pytest.approx(chosen.std(axis=0), abs=1e-3)
    assert not images.mean[9].any()

"""Pixel statistics of a data set: counts, histogram, mean images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COUNT
from fmnist_core.datasets.dataset import ImageSet

# Images looked at together: wide numbers of few images, not of 60 000 (47 MB become 376 MB).
_BLOCK = 2000


@dataclass(frozen=True, eq=False)
class PixelStatistics:
    """The distribution of pixel values.

    Attributes:
        values: float64 (256,), the value that each of the 256 grey levels has.
        counts: int64 (256,), pixels at each value.
        mean: Mean of all pixels, in units of `values`.
        deviation: Their standard deviation, in the same units.
    """

    values: NDArray[np.float64]
    counts: NDArray[np.int64]
    mean: float
    deviation: float


@dataclass(frozen=True, eq=False)
class ClassImages:
    """Mean images and statistics of each class.

    Attributes:
        mean: float32 (10, 28, 28), 0 to 255; zero for a class without images.
        deviation: float32 (10, 28, 28), standard deviation of each pixel.
    """

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]


def class_counts(labels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Images of each class, int64 (10,)."""
    return np.bincount(labels, minlength=CLASS_COUNT).astype(np.int64)


def pixel_statistics(images: NDArray[np.uint8]) -> PixelStatistics:
    """Histogram, mean and standard deviation of uint8 images (n, 28, 28), from 0 to 255."""
    counts = np.zeros(256, np.int64)
    for start in range(0, len(images), _BLOCK):
        counts += np.bincount(images[start : start + _BLOCK].reshape(-1), minlength=256)
    return _describe(np.arange(256, dtype=np.float64), counts)


def rescaled(pixels: PixelStatistics, scale: float, offset: float) -> PixelStatistics:
    """The distribution after `scale * value + offset`, by arithmetic on its 256 values alone."""
    return _describe(scale * pixels.values + offset, pixels.counts)


def class_images(images: ImageSet) -> ClassImages:
    """Mean image and standard deviation of each pixel, per class."""
    mean = np.zeros((CLASS_COUNT, *images.images.shape[1:]), np.float32)
    deviation = np.zeros_like(mean)
    for label in range(CLASS_COUNT):
        chosen = np.flatnonzero(images.labels == label)
        if len(chosen):
            mean[label], deviation[label] = _mean_and_deviation(images.images, chosen)
    return ClassImages(mean, deviation)


def _mean_and_deviation(
    images: NDArray[np.uint8], chosen: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    sums = np.zeros(images.shape[1:], np.uint64)
    squares = np.zeros_like(sums)
    for start in range(0, len(chosen), _BLOCK):
        block = images[chosen[start : start + _BLOCK]]
        sums += block.sum(axis=0, dtype=np.uint64)
        # 255 squared still fits 16 bits.
        squares += np.square(block, dtype=np.uint16).sum(axis=0, dtype=np.uint64)
    mean = sums / len(chosen)
    return mean, np.sqrt(np.maximum(squares / len(chosen) - mean**2, 0))


def _describe(values: NDArray[np.float64], counts: NDArray[np.int64]) -> PixelStatistics:
    total = max(1, int(counts.sum()))
    mean = float(values @ counts / total)
    deviation = float(np.sqrt((values - mean) ** 2 @ counts / total))
    return PixelStatistics(values, counts, mean, deviation)

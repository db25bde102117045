"""The reliability diagram: how often a network is right when it says it is so sure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fmnist_core.evaluation.calibration import BINS, bin_numbers
from fmnist_core.evaluation.confidence_interval import wilson
from fmnist_core.evaluation.predictions import Predictions


@dataclass(frozen=True)
class Bin:
    """Images whose best class was given about the same probability.

    Attributes:
        low, high: The bin's limits, 0 to 1; `high` belongs to it.
        images: At least 1.
        confidence: Mean probability of the best class.
        accuracy: Share that was right.
        interval: Where the accuracy lies with 95 % confidence (Wilson).
    """

    low: float
    high: float
    images: int
    confidence: float
    accuracy: float
    interval: tuple[float, float]

    @property
    def off(self) -> bool:
        """Whether word and deed differ by more than chance."""
        return not self.interval[0] <= self.confidence <= self.interval[1]


def reliability_bins(said: Predictions) -> tuple[Bin, ...]:
    """The bins that hold images, of 15 equally wide ones, from unsure to sure.

    Their gaps, weighed by images, are the expected calibration error of `reliability`
    (Guo et al., arXiv 1706.04599, section 2).
    """
    confidence = said.probabilities.max(axis=1).astype(np.float64)
    numbers = bin_numbers(confidence)
    images = np.bincount(numbers, minlength=BINS)
    sums = np.bincount(numbers, weights=confidence, minlength=BINS)
    right = np.bincount(numbers, weights=said.right, minlength=BINS)
    return tuple(
        _bin(number, int(images[number]), float(sums[number]), int(right[number]))
        for number in np.flatnonzero(images).tolist()
    )


def _bin(number: int, images: int, confidence: float, right: int) -> Bin:
    limits = number / BINS, (number + 1) / BINS
    return Bin(*limits, images, confidence / images, right / images, wilson(right, images))

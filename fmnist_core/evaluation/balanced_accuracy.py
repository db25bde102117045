"""How well all classes are recognised, each counting the same however many images it has."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fmnist_core.errors import DataError
from fmnist_core.evaluation.confidence_interval import wilson


@dataclass(frozen=True)
class BalancedAccuracy:
    """Mean of per-class accuracies.

    Attributes:
        value: 0 to 1.
        interval: Where it lies with 95 % confidence, were there any number of images of these
            classes: Wilson's interval of each class, put together by MOVER (Zou & Donner 2008,
            Statistics in Medicine 27:1693, https://doi.org/10.1002/sim.3095, equation 5).
        images, classes: How many it rests on; classes without images do not count.
    """

    value: float
    interval: tuple[float, float]
    images: int
    classes: int


def balanced_accuracy(predicted: ArrayLike, labels: ArrayLike) -> BalancedAccuracy:
    """Judges `predicted`, class numbers (n,), against `labels`, (n,).

    Raises:
        DataError: No images, or not one prediction for each.
    """
    said, true = np.asarray(predicted), np.asarray(labels)
    if said.shape != true.shape or true.ndim != 1 or not len(true):
        raise DataError(
            "Each of one or more images needs one prediction and one label.",
            received=f"shapes {said.shape} and {true.shape}",
        )
    counts = [
        (int((said[true == number] == number).sum()), int((true == number).sum()))
        for number in np.unique(true)
    ]
    shares = [right / images for right, images in counts]
    limits = [wilson(right, images) for right, images in counts]
    mean = sum(shares) / len(shares)
    below = math.hypot(*(share - low for share, (low, _) in zip(shares, limits, strict=True)))
    above = math.hypot(*(high - share for share, (_, high) in zip(shares, limits, strict=True)))
    interval = max(0.0, mean - below / len(shares)), min(1.0, mean + above / len(shares))
    return BalancedAccuracy(mean, interval, len(true), len(counts))

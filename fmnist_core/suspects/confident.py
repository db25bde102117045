"""Confident learning: which labels a network contradicts with certainty.

Northcutt, Jiang & Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels",
JAIR 70 (arXiv 1911.00068), section 3.1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.float32]
Labels = NDArray[np.uint8]

# What a class without images asks for: more than any probability.
_NEVER = 2.0


def class_thresholds(probabilities: Probabilities, labels: Labels) -> NDArray[np.float64]:
    """How sure the network is of a class where it is the label, on the mean (equation 2).

    Args:
        probabilities: float32 (n, k), of images the network did not learn from.
        labels: uint8 (n,), as they were given.

    Returns:
        float64 (k,), 0 to 1; 2 for a class without images, which then suggests nothing.
    """
    thresholds = np.full(probabilities.shape[1], _NEVER)
    for label in np.unique(labels):
        thresholds[label] = probabilities[labels == label, label].mean(dtype=np.float64)
    return thresholds


def confident_class(
    probabilities: Probabilities, thresholds: NDArray[np.float64]
) -> NDArray[np.int64]:
    """The likeliest of the classes whose threshold is reached (equation 1), int64 (n,).

    -1 where none is. An image whose confident class is not its label is off the diagonal of the
    confident joint: it is suspected of being mislabelled.
    """
    reached = np.where(probabilities >= thresholds, probabilities, -1.0)
    best = reached.argmax(axis=1)
    return np.where(reached[np.arange(len(best)), best] >= 0, best, -1)

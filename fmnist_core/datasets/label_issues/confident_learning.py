"""Label issues: training images that are probably mislabeled, by confident learning and neighbors.

Northcutt, Jiang & Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels",
JAIR 70 (arXiv 1911.00068), section 3.1.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fmnist_core.datasets.label_issues.store import Mislabelled

_Probabilities = NDArray[np.float32]

_Labels = NDArray[np.uint8]

# What a class without images asks for: more than any probability.
_NEVER = 2.0


Indices = NDArray[np.int64]
# Given m indices, the shares float32 (m, 10) of the labels of their nearest other images.
Votes = Callable[[Indices], NDArray[np.float32]]


def find_mislabelled(
    probabilities: NDArray[np.float32],
    labels: NDArray[np.uint8],
    held_back: NDArray[np.bool_],
    neighbor_votes: Votes,
) -> tuple[Mislabelled, ...]:
    """Probable label errors among n training images, the most probable first.

    For an image that the network never learned from, confident learning alone decides. Of the
    others the network has learned the label, right or wrong: there the same rule must be joined by
    more than half of the image's nearest neighbours.

    Args:
        probabilities: float32 (n, 10).
        labels: uint8 (n,), as they were given.
        held_back: bool (n,), whether the network never learned from an image.
        votes_of: Asked once, for the images that the network contradicts.
    """
    suggested = _suggested(probabilities, labels, held_back)
    doubted = np.flatnonzero((suggested >= 0) & (suggested != labels))
    votes, rows = neighbor_votes(doubted), np.arange(len(doubted))
    given, other = labels[doubted], suggested[doubted]
    agreeing = votes[rows, other]
    margin = probabilities[doubted, other] - probabilities[doubted, given]
    score = (margin + agreeing - votes[rows, given]) / 2
    stands = held_back[doubted] | (agreeing > 0.5)
    order = np.argsort(-score, kind="stable")
    return tuple(
        Mislabelled(
            index=int(doubted[row]),
            given=int(given[row]),
            suggested=int(other[row]),
            probability=float(probabilities[doubted[row], other[row]]),
            of_given=float(probabilities[doubted[row], given[row]]),
            agreeing=float(agreeing[row]),
            held_back=bool(held_back[doubted[row]]),
            score=float(score[row]),
        )
        for row in order[stands[order]]
    )


def _suggested(
    probabilities: NDArray[np.float32], labels: NDArray[np.uint8], held_back: NDArray[np.bool_]
) -> Indices:
    """The confident class of each image; -1 for none."""
    suggested = np.full(len(labels), -1)
    # A network is surer of what it learned: each part has thresholds of its own.
    for part in (held_back, ~held_back):
        if part.any():
            thresholds = class_thresholds(probabilities[part], labels[part])
            suggested[part] = confident_class(probabilities[part], thresholds)
    return suggested


def class_thresholds(probabilities: _Probabilities, labels: _Labels) -> NDArray[np.float64]:
    """The mean confidence in each class of images with that label (equation 2).

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
    probabilities: _Probabilities, thresholds: NDArray[np.float64]
) -> NDArray[np.int64]:
    """The likeliest of the classes whose threshold is reached (equation 1), int64 (n,).

    -1 where none is. An image whose confident class is not its label is off the diagonal of the
    confident joint: it is suspected of being mislabelled.
    """
    reached = np.where(probabilities >= thresholds, probabilities, -1.0)
    best = reached.argmax(axis=1)
    return np.where(reached[np.arange(len(best)), best] >= 0, best, -1)

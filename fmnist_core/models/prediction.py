"""One image's prediction with its explanation, and test-time augmentation by a horizontal flip.

Krizhevsky et al., "ImageNet classification with deep convolutional neural networks", 2012, section
4.1, of which only the mirror image is taken: garments hang either way round.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.models.calibration import CalibratedPredictions

_Scores = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The training images with the nearest features, nearest first.

    Attributes:
        dataset: Which data set's training images they are.
        indices: int64 (5,), where among them.
        distances: float32 (5,), 1 minus the cosine between features, 0 (alike) to 2.
        labels: uint8 (5,), their true classes.
        images: uint8 (5, 28, 28).
    """

    dataset: str
    indices: NDArray[np.int64]
    distances: NDArray[np.float32]
    labels: NDArray[np.uint8]
    images: NDArray[np.uint8]

    def without(self, indices: NDArray[np.integer]) -> Neighbours:
        """Those that are not among the indices: up to five."""
        kept = ~np.isin(self.indices, indices)
        parts = (self.indices[kept], self.distances[kept], self.labels[kept], self.images[kept])
        return Neighbours(self.dataset, *parts)


@dataclass(frozen=True, eq=False)
class PredictionExplanation:
    """A prediction for one image, with its Grad-CAM and nearest neighbors.

    Attributes:
        answers: Of this one image.
        label: The class that `heat` is about: the most probable one unless another was asked for.
        heat: float32 (side, side), 0 to 1: Grad-CAM of that class, at the side that the
            network reads. None for a network without a convolution.
        near: None while the features are being computed, or without the training images.
        gathering: Whether the features are being computed.
    """

    answers: CalibratedPredictions
    label: int
    heat: NDArray[np.float32] | None
    near: Neighbours | None
    gathering: bool

    @property
    def neighbours(self) -> NDArray[np.int64] | None:
        """(5,) indices into the training images."""
        return None if self.near is None else self.near.indices

    @property
    def distances(self) -> NDArray[np.float32] | None:
        """(5,), 0 to 2."""
        return None if self.near is None else self.near.distances


def flip_averaged_scores(
    score: Callable[[NDArray[np.uint8]], _Scores], images: NDArray[np.uint8]
) -> _Scores:
    """The mean of the raw scores of images uint8 (n, s, s) and of their mirror images.

    Args:
        score: Gives float32 (m, classes) for m images; asked once.

    Returns:
        float32 (n, classes).
    """
    both = score(np.concatenate([images, images[:, :, ::-1]]))
    mean: _Scores = (both[: len(images)] + both[len(images) :]) * np.float32(0.5)
    return mean

"""Two looks at an image, as it is and mirrored: garments hang either way round.

Test-time augmentation as in Krizhevsky et al., "ImageNet classification with deep convolutional
neural networks", 2012, section 4.1, of which only the mirror image is taken.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]


def scores_both_ways(
    score: Callable[[NDArray[np.uint8]], Scores], images: NDArray[np.uint8]
) -> Scores:
    """The mean of the raw scores of images uint8 (n, 28, 28) and of their mirror images.

    Args:
        score: Gives float32 (m, classes) for m images; asked once.

    Returns:
        float32 (n, classes).
    """
    both = score(np.concatenate([images, images[:, :, ::-1]]))
    mean: Scores = (both[: len(images)] + both[len(images) :]) * np.float32(0.5)
    return mean

"""What a page is told about the map of the data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.recognition.verdict import Answers


@dataclass(frozen=True, eq=False)
class DataMap:
    """Test images laid out by what a network makes of them.

    Attributes:
        dataset: Whose test images they are.
        fingerprint: The data set's.
        indices: int64 (m,), which of them.
        plane: float32 (m, 2), their places along the two principal axes.
        shares: float32 (2,), the part of all variance along each of these, 0 to 1.
        answers: What the network says about them.
    """

    dataset: str
    fingerprint: str
    indices: NDArray[np.int64]
    plane: NDArray[np.float32]
    shares: NDArray[np.float32]
    answers: Answers


@dataclass(frozen=True, eq=False)
class Unfolding:
    """How far the t-SNE map is.

    Attributes:
        places: float32 (m, 2); None until it is done.
        running: Whether it is being made.
        share: How much of the work is done, 0 to 1.
        seconds_left: Estimated from the steps done so far; None before the first.
        error: Why it failed, and what to do; empty where it did not.
    """

    places: NDArray[np.float32] | None = None
    running: bool = False
    share: float = 0.0
    seconds_left: float | None = None
    error: str = ""


@dataclass(frozen=True, eq=False)
class Spot:
    """Where another image lies on the map.

    Attributes:
        plane: float32 (2,), along the principal axes, exactly as the images of the map.
        unfolded: float32 (2,), on the t-SNE map, between its five nearest images; None without one.
        rows: int64 (6,), the rows of the map's nearest images, nearest first: five others even
            where the image itself is on the map.
        distances: float32 (6,), Euclidean, along the map's principal axes.
    """

    plane: NDArray[np.float32]
    unfolded: NDArray[np.float32] | None
    rows: NDArray[np.int64]
    distances: NDArray[np.float32]

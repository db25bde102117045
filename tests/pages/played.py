"""What the engine would answer, where a test plays its part."""

from collections.abc import Sequence

import numpy as np

from fmnist_core.models.calibration import CalibratedPredictions


def answers(
    labels: Sequence[int], share: float = 0.91, network: str = "a"
) -> CalibratedPredictions:
    """Each image is clothing, and of its label with this share."""
    count = len(labels)
    shares = np.full((count, 10), (1 - share) / 9, np.float32)
    shares[np.arange(count), labels] = share
    return CalibratedPredictions(
        shares,
        np.ones(count, np.float32),
        np.ones(count, bool),
        (network,) * count,
        np.full(count, np.nan, np.float32),
        np.zeros(count, bool),
    )

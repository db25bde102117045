"""What an image is to be taken for: its label, and perhaps beside it what a teacher says.

Without a teacher targets are labels, uint8 (n,). With one they are rows float32 (n, 1 + classes):
the label first, then the teacher's softened probabilities, or zeros where it was not asked.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.lab_keras import keras


def target_rows(
    labels: NDArray[np.uint8], softened: NDArray[np.floating[Any]]
) -> NDArray[np.float32]:
    """Rows float32 (n, 1 + classes) of labels uint8 (n,) and probabilities (n, classes)."""
    return np.concatenate([labels[:, None], softened], axis=1, dtype=np.float32)


def labels_of(targets: Any, classes: int) -> Any:
    """The labels int32 (n,) in a tensor of labels (n,) or (n, 1), or of rows."""
    labels = targets[:, 0] if has_rows(targets, classes) else targets
    return keras.ops.cast(keras.ops.reshape(labels, (-1,)), "int32")


def has_rows(targets: Any, classes: int) -> bool:
    """Whether a tensor of targets holds rows; where images are held back, it holds labels."""
    return len(targets.shape) == 2 and targets.shape[1] == 1 + classes

"""Validation after an epoch: one pass gives loss, accuracy and what each image was taken for.

In place of the pass within Keras' `fit`, which keeps no answers: the confusion of a snapshot then
costs nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data.dataset import ImageSet
from fmnist_core.lab_keras import keras
from fmnist_core.training.watched import answers


def validate(model: keras.Model, held: ImageSet) -> tuple[dict[str, float], NDArray[np.float32]]:
    """`val_loss` (as the model is compiled, label smoothing included) and `val_accuracy`.

    Returns:
        The figures, and the model's answers float32 (n, classes).
    """
    said = answers(model, held.images)
    loss = model.compute_loss(
        y=keras.ops.convert_to_tensor(held.labels), y_pred=keras.ops.convert_to_tensor(said)
    )
    accuracy = float((said.argmax(axis=1) == held.labels).mean())
    return {"val_loss": float(loss), "val_accuracy": accuracy}, said

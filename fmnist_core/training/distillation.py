"""The loss of a network that learns from labels and from a teacher.

Hinton, Vinyals & Dean, "Distilling the Knowledge in a Neural Network", arXiv 1503.02531, section 2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fmnist_core.config import ModelConfig, TeacherConfig
from fmnist_core.lab_keras import keras
from fmnist_core.training.targets import has_rows, labels_of

_LEAST = 1e-7
# Of targets (n,) or (n, 1 + classes) and answers (n, classes) a loss (n,).
Loss = Callable[[Any, Any], Any]


def distilled(of_labels: Loss, model: ModelConfig, teacher: TeacherConfig) -> Loss:
    """(1 - share) * label's loss + share * T^2 * divergence of the student from the teacher.

    T^2 keeps the weight of both the same whatever T is. Of the teacher's cross-entropy its own
    entropy is taken off, which no student can change: the slopes are those of the paper, and
    the loss of a student that agrees is 0. An image that the teacher was not asked about has the
    label's loss, whole; so have those held back, whose targets are labels.
    """
    temperature = teacher.temperature

    def loss(targets: Any, answers: Any) -> Any:
        by_label = of_labels(labels_of(targets, model.classes), answers)
        if not has_rows(targets, model.classes):
            return by_label
        softened = targets[:, 1:]
        said = keras.ops.log_softmax(_scores(answers, model) / temperature, axis=1)
        known = keras.ops.log(keras.ops.maximum(softened, _LEAST))
        by_teacher = temperature**2 * keras.ops.sum(softened * (known - said), axis=1)
        asked = teacher.share * keras.ops.sum(softened, axis=1)
        return (1 - asked) * by_label + teacher.share * by_teacher

    return loss


def _scores(answers: Any, model: ModelConfig) -> Any:
    """Raw scores; those behind probabilities are their logarithms, but for a constant."""
    if model.output == "logits":
        return answers
    return keras.ops.log(keras.ops.maximum(answers, _LEAST))

"""Who else is listened to than the labels: a stronger network and what it says of each image."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.config.rules import Number, Text, check_fields, ruled


@dataclass(frozen=True)
class TeacherConfig:
    """A small network learns also from how sure a stronger one is of each class (distillation).

    Hinton, Vinyals & Dean, "Distilling the Knowledge in a Neural Network", arXiv 1503.02531. The
    teacher is asked about training images only, never about those held back or the test images.
    But a teacher of another seed or another validation share has itself learned from some of the
    images that this run holds back. What it passes on of them makes the validation accuracy a
    little flattering and the choice of the best epoch a little less honest; the test accuracy
    stays what it is.
    """

    network: str = ruled(
        "",
        Text(80),
        "A run to learn from, or a shipped network ('shipped-catalogue'); empty: labels alone. "
        "Trained with another seed, it knows some images held back here: validation flatters "
        "then, the test does not.",
    )
    share: float = ruled(
        0.5, Number(0, 1), "How much of the loss is the teacher's; the rest is the label's."
    )
    temperature: float = ruled(
        4.0, Number(1, 20), "How far its answers are softened, so that unlikely classes count too."
    )

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def active(self) -> bool:
        return bool(self.network) and self.share > 0

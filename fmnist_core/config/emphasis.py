"""Which classes count more than the others while a network learns."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.classes import CLASS_COUNT
from fmnist_core.config.rules import Classes, Number, check_fields, ruled


@dataclass(frozen=True)
class EmphasisConfig:
    """Mistakes in the classes `labels` weigh `factor` times as much as in the others.

    It is a weight in the loss, and not the same images shown more often: the run sees the same
    images in the same order, as often and for as long as without it, so that a difference between
    the two comes from the weight alone. It follows the label, whatever was done to the image, and
    the weights of the ten classes average 1, so that the learning rate means what it meant.
    """

    labels: tuple[int, ...] = ruled(
        (), Classes(CLASS_COUNT - 1), "Classes whose mistakes weigh more; none: all alike."
    )
    factor: float = ruled(2.0, Number(1, 10), "How many times as much they weigh as the others.")

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def active(self) -> bool:
        return bool(self.labels) and self.factor != 1

    @property
    def weights(self) -> tuple[float, ...]:
        """One a class, average 1; the last, the eleventh, is of what is no clothing."""
        plain = [self.factor if number in self.labels else 1.0 for number in range(CLASS_COUNT)]
        mean = sum(plain) / CLASS_COUNT
        return tuple(weight / mean for weight in [*plain, 1.0])

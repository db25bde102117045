"""What one student may ask of a machine that a class shares."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.errors import ClassError


@dataclass(frozen=True)
class Limits:
    """For each student; the teacher has none.

    Attributes:
        waiting: Runs in the queue at once, 1 to 20.
        epochs: Of one run, 1 to 200.
        parameters: Of one network, 1,000 to 20,000,000.
        minutes: Expected for one run, 1 to 240.
    """

    waiting: int = 3
    epochs: int = 50
    parameters: int = 2_000_000
    minutes: int = 10

    def __post_init__(self) -> None:
        for name, (least, most) in RANGES.items():
            value = getattr(self, name)
            if type(value) is not int or not least <= value <= most:
                raise ClassError(
                    f"The limit of {name} must be a whole number from {least:,} to {most:,}.",
                    received=value,
                )


RANGES = {
    "waiting": (1, 20),
    "epochs": (1, 200),
    "parameters": (1_000, 20_000_000),
    "minutes": (1, 240),
}

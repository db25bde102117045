"""What one student may ask of a machine that a class shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fmnist_core.errors import ClassError


@dataclass(frozen=True)
class Limits:
    """For each student; the teacher has none. `RANGES` says from what to what each may be.

    Attributes:
        training: Runs in training at once while others wait; what nobody waits for may be used.
        waiting: Runs in the queue at once; a sweep counts as one.
        epochs: Of one run.
        parameters: Of one network.
        minutes: Expected for one run, and after so many it gives way to others who wait.
        disk: Megabytes of runs and collections.
        uploads: Files sent to the lab in an hour.
        upload: Megabytes of one such file.
    """

    training: int = 1
    waiting: int = 3
    epochs: int = 50
    parameters: int = 2_000_000
    minutes: int = 10
    disk: int = 500
    uploads: int = 120
    upload: int = 32

    def __post_init__(self) -> None:
        for name, (least, most) in RANGES.items():
            value = getattr(self, name)
            if type(value) is not int or not least <= value <= most:
                raise ClassError(
                    f"The limit of {name} must be a whole number from {least:,} to {most:,}.",
                    received=value,
                )

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Limits:
        """Reads what is known and drops extras.

        Raises:
            ClassError: One of them is out of its range.
        """
        return cls(**{name: value[name] for name in RANGES if name in value})


RANGES = {
    "training": (1, 16),
    "waiting": (1, 20),
    "epochs": (1, 200),
    "parameters": (1_000, 20_000_000),
    "minutes": (1, 240),
    "disk": (10, 100_000),
    "uploads": (1, 10_000),
    "upload": (1, 32),
}

"""A network that came as a file: the lab can ask it, but has no recipe to train it by."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.config.rules import Whole, check_fields, ruled
from fmnist_core.errors import ArchitectureError

# In place of the name of a preset.
IMPORTED = "imported"


@dataclass(frozen=True)
class ImportedConfig:
    """What is known of it by counting; all 0 for a network of the lab's own."""

    layers: int = ruled(0, Whole(0, 10_000), "Layers of the imported network.")
    parameters: int = ruled(0, Whole(0, 100_000_000), "Its weights.")
    values: int = ruled(0, Whole(0, 1_000_000_000), "What its layers give for one image.")
    multiply_adds: int = ruled(0, Whole(0, 100_000_000_000), "What it computes for one image.")

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def active(self) -> bool:
        return self.layers > 0


def no_recipe() -> ArchitectureError:
    """What whoever would train such a network is told."""
    return ArchitectureError(
        "An imported network cannot be trained anew: its file holds weights, but no recipe.",
        advice="Evaluate it, look inside, or draw to it.",
    )

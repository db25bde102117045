"""Two classes that a network confuses."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.classes import CLASS_COUNT, CLASS_NAMES
from fmnist_core.errors import DataError


@dataclass(frozen=True)
class Pair:
    """A cell of the confusion matrix beside its diagonal: `true` is taken for `predicted`.

    Raises:
        DataError: Not two different class numbers, 0 to 9.
    """

    true: int
    predicted: int

    def __post_init__(self) -> None:
        good = all(type(each) is int and each in range(CLASS_COUNT) for each in self.classes)
        if not good or self.true == self.predicted:
            raise DataError(
                "A pair is two different classes, 0 to 9.",
                received=f"{self.true!r} and {self.predicted!r}",
                advice="Choose a cell beside the diagonal.",
            )

    @property
    def classes(self) -> tuple[int, int]:
        return self.true, self.predicted

    @property
    def names(self) -> tuple[str, str]:
        """Such as ("Shirt", "T-shirt/top")."""
        return CLASS_NAMES[self.true], CLASS_NAMES[self.predicted]

    @property
    def title(self) -> str:
        """Such as "Shirt and T-shirt/top"."""
        return " and ".join(self.names)

"""What two networks say differently about the same images."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fmnist_core.errors import DataError
from fmnist_core.evaluation.predictions import Indices, Predictions


@dataclass(frozen=True, eq=False)
class ChangedAnswers:
    """One network's answers and another's, image by image.

    Raises:
        DataError: They are about other images.
    """

    before: Predictions
    after: Predictions

    def __post_init__(self) -> None:
        if not np.array_equal(self.before.labels, self.after.labels):
            raise DataError(
                "Two runs are compared image by image, on the same test images.",
                received=f"{len(self.before)} and {len(self.after)} images with other labels",
            )

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How much more is in each cell of the confusion matrix, int64 (10, 10), often below 0."""
        return self.after.confusion - self.before.confusion

    @cached_property
    def changed(self) -> NDArray[np.bool_]:
        """Whether an image got another answer, bool (n,)."""
        return self.before.predicted != self.after.predicted

    def came(self, true: int, predicted: int) -> Indices:
        """Images of class `true` that are taken for `predicted` only now, hardest now first."""
        return self._only(self.after.cell(true, predicted))

    def left(self, true: int, predicted: int) -> Indices:
        """Images of class `true` that were taken for `predicted` before, hardest then first."""
        return self._only(self.before.cell(true, predicted))

    def _only(self, cell: Indices) -> Indices:
        return cell[self.changed[cell]]

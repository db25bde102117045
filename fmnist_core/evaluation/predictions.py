"""A network's probabilities for every test image, and selections of images by them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COUNT
from fmnist_core.errors import DataError


@dataclass(frozen=True, eq=False)
class Exemplars:
    """Images of one class by the probability given to that class.

    Attributes:
        best: int64 (m,), the surest first.
        typical: int64 (m,), those around the middle one.
        worst: int64 (m,), the worst first.
    """

    best: Indices
    typical: Indices
    worst: Indices


Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Predictions:
    """A network's probabilities for images, and their true classes.

    Attributes:
        probabilities: float32 (n, 10), each row adds up to 1.
        labels: uint8 (n,), the true classes.

    Raises:
        DataError: Another shape, a value that is no probability, or a label above 9.
    """

    probabilities: NDArray[np.float32]
    labels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        probabilities = np.asarray(self.probabilities, dtype=np.float32)
        labels = np.asarray(self.labels)
        _check(probabilities, labels)
        object.__setattr__(self, "probabilities", probabilities)
        object.__setattr__(self, "labels", labels.astype(np.uint8))

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def predicted(self) -> NDArray[np.int64]:
        """The class with the highest probability for each image, int64 (n,)."""
        return self.probabilities.argmax(axis=1)

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """Whether each prediction is correct, bool (n,)."""
        return self.predicted == self.labels

    @cached_property
    def of_truth(self) -> NDArray[np.float32]:
        """The probability given to the true class, float32 (n,)."""
        return self.probabilities[np.arange(len(self)), self.labels]

    @property
    def confusion(self) -> NDArray[np.int64]:
        """int64 (10, 10): row is the true class, column the predicted one."""
        cells = self.labels.astype(np.int64) * CLASS_COUNT + self.predicted
        counts = np.bincount(cells, minlength=CLASS_COUNT**2)
        return counts.reshape(CLASS_COUNT, CLASS_COUNT)

    @property
    def loss(self) -> float:
        """Mean cross-entropy in nats, with probabilities kept above 1e-7 as Keras does."""
        certain = np.clip(self.of_truth.astype(np.float64), 1e-7, 1.0)
        return float(-np.log(certain).mean())

    def cell(self, true: int, predicted: int) -> Indices:
        """Images of class `true` taken for `predicted`, the hardest first.

        Hardest are those whose true class was given the least probability.
        """
        chosen = np.flatnonzero((self.labels == true) & (self.predicted == predicted))
        return chosen[np.argsort(self.of_truth[chosen], kind="stable")]

    def most_confident_errors(self, count: int) -> Indices:
        """The mistakes in which the network was surest, at most `count`, surest first."""
        wrong = self.matching(only_errors=True)
        confidence = self.probabilities[wrong].max(axis=1)
        return wrong[np.argsort(-confidence, kind="stable")][:count]

    def matching(self, *, only_errors: bool = False, true: int | None = None) -> Indices:
        """Images that were mistaken, or of class `true`, or both; all without either."""
        wanted = np.ones(len(self), dtype=bool)
        if only_errors:
            wanted &= ~self.right
        if true is not None:
            wanted &= self.labels == true
        return np.flatnonzero(wanted)

    def top(self, index: int, count: int = 3) -> list[tuple[int, float]]:
        """The likeliest classes of one image with their probabilities, likeliest first."""
        row = self.probabilities[index]
        best = np.argsort(-row, kind="stable")[:count]
        return [(int(number), float(row[number])) for number in best]


def pick(indices: Indices, count: int, seed: int) -> Indices:
    """At most `count` of `indices` at random, the same for the same seed."""
    return np.random.default_rng(seed).permutation(indices)[:count]


def _check(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> None:
    expected = (len(labels), CLASS_COUNT)
    if probabilities.shape != expected or labels.ndim != 1 or not len(labels):
        raise DataError(
            f"Predictions are {CLASS_COUNT} probabilities for each of one or more images.",
            received=f"shapes {probabilities.shape} and {labels.shape}",
        )
    if int(labels.max()) >= CLASS_COUNT or int(labels.min()) < 0:
        raise DataError(
            f"Labels are class numbers from 0 to {CLASS_COUNT - 1}.",
            received=f"{int(labels.min())} to {int(labels.max())}",
        )
    # NaN makes the comparison false as well; 0.01 leaves room for half precision.
    sums_to_one = np.abs(probabilities.sum(axis=1) - 1) < 0.01
    if not bool(np.all(sums_to_one) and np.all(probabilities >= 0)):
        raise DataError(
            "Probabilities are from 0 to 1 and add up to 1 for each image.",
            advice="Raw scores must go through a softmax first; NaN means the training broke.",
        )


def exemplars(said: Predictions, number: int, count: int = 6) -> Exemplars:
    """At most `count` images of class `number` of each kind; where there are few, they repeat."""
    mine = np.flatnonzero(said.labels == number)
    rising = mine[np.argsort(said.of_truth[mine], kind="stable")]
    start = max(0, (len(rising) - count) // 2)
    return Exemplars(rising[::-1][:count], rising[start : start + count], rising[:count])

"""The evaluation of a run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fmnist_core.classes import CLASS_COUNT, CLASS_NAMES
from fmnist_core.errors import DataError
from fmnist_core.evaluation.class_report import Share
from fmnist_core.evaluation.confidence_interval import wilson
from fmnist_core.evaluation.predictions import Predictions


@dataclass(frozen=True)
class ClassScore:
    """The figures of one class.

    Attributes:
        precision: Of the images given this name, the share that deserves it (0 to 1).
        recall: Of the images of this class, the share that was found (0 to 1).
        f1: Harmonic mean of the two (0 to 1); 0 where neither is defined.
        support: Images of this class.
    """

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Confusion:
    """One class taken for another so many times."""

    true: int
    predicted: int
    count: int
    support: int

    def __str__(self) -> str:
        true, predicted = CLASS_NAMES[self.true], CLASS_NAMES[self.predicted]
        return f"true {true}, predicted {predicted}: {self.count:,} of {self.support:,}"


@dataclass(frozen=True)
class Evaluation:
    """One network on one set of images.

    Attributes:
        data: Identity of the images: `name`, `official`, `fingerprint`, `source`.
        split: Which part of them, `"test"`.
        images: How many.
        weights: `"best"` (of the validation) or `"last"`.
        epoch: Epochs these weights had learned for.
        accuracy: 0 to 1.
        loss: Mean cross-entropy in nats, of the true class alone (no label smoothing).
        interval: 95 % confidence interval of the accuracy (Wilson).
        confusion: 10 rows of 10 counts; row is the true class, column the predicted one.
        classes: One score a class, in class order.
        without_near_duplicates: The accuracy on the images that are no near-duplicates of training
            images; None where that is not known, as in evaluations of older versions.
    """

    data: dict[str, Any]
    split: str
    images: int
    weights: str
    epoch: int
    accuracy: float
    loss: float
    interval: tuple[float, float]
    confusion: tuple[tuple[int, ...], ...]
    classes: tuple[ClassScore, ...]
    without_near_duplicates: Share | None = None

    @classmethod
    def from_probabilities(
        cls,
        probabilities: ArrayLike,
        labels: ArrayLike,
        *,
        data: dict[str, Any],
        split: str = "test",
        weights: str,
        epoch: int,
        near_duplicates: NDArray[np.integer] | None = None,
    ) -> Evaluation:
        """Judges `probabilities`, float32 (n, 10), against `labels`, (n,) from 0 to 9.

        Args:
            near_duplicates: Images that are near-duplicates of training images, where known.

        Raises:
            DataError: Shapes that do not fit, NaN, or rows that are no probabilities.
        """
        said = Predictions(np.asarray(probabilities), np.asarray(labels))
        correct = int(said.right.sum())
        return cls(
            data=dict(data),
            split=split,
            images=len(said),
            weights=weights,
            epoch=epoch,
            accuracy=correct / len(said),
            loss=said.loss,
            interval=wilson(correct, len(said)),
            confusion=tuple(tuple(row) for row in said.confusion.tolist()),
            classes=_scores(said),
            without_near_duplicates=(
                None if near_duplicates is None else accuracy_without(said, near_duplicates)
            ),
        )

    @property
    def counts(self) -> NDArray[np.int64]:
        """The confusion matrix as int64 (10, 10)."""
        return np.array(self.confusion, dtype=np.int64)

    @property
    def official(self) -> bool:
        """Whether the images are the published Fashion-MNIST ones."""
        return self.data.get("official") is True

    def most_confused(self, count: int = 5) -> list[Confusion]:
        """The commonest mistakes, commonest first; fewer where there are fewer."""
        counts = self.counts
        support = counts.sum(axis=1)
        np.fill_diagonal(counts, 0)
        order = np.argsort(-counts, axis=None, kind="stable")[:count]
        cells = [divmod(int(cell), CLASS_COUNT) for cell in order]
        return [
            Confusion(true, predicted, int(counts[true, predicted]), int(support[true]))
            for true, predicted in cells
            if counts[true, predicted]
        ]

    def agrees_with(self, predictions: Predictions) -> bool:
        """Whether these are the predictions that the figures were made from."""
        return bool(np.array_equal(self.counts, predictions.confusion))

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries, lists, numbers and strings."""
        value = asdict(self)
        lists = {"interval": list(self.interval), "confusion": [list(r) for r in self.confusion]}
        return {**value, **lists, "classes": list(value["classes"])}

    @classmethod
    def from_json(cls, value: Any) -> Evaluation:
        """The inverse of `to_json`.

        Raises:
            DataError: A field is missing or of another form.
        """
        try:
            rows = tuple(tuple(int(count) for count in row) for row in value["confusion"])
            low, high = value["interval"]
            changes = {
                "interval": (float(low), float(high)),
                "confusion": rows,
                "classes": tuple(ClassScore(**score) for score in value["classes"]),
            }
            found = cls(**{**value, **changes, **_part(value.get("without_near_duplicates"))})
        except (KeyError, OverflowError, TypeError, ValueError):
            raise DataError("The stored evaluation is damaged or of another version.") from None
        found._check()
        return found

    def _check(self) -> None:
        square = len(self.confusion) == CLASS_COUNT
        square = square and all(len(row) == CLASS_COUNT for row in self.confusion)
        numbers = all(isinstance(item, (int, float)) for item in (self.accuracy, self.loss))
        known = square and numbers and isinstance(self.data, dict) and len(self.classes) == 10
        if not known or not self._part_fits():
            raise DataError("The stored evaluation is damaged or of another version.")

    def _part_fits(self) -> bool:
        part = self.without_near_duplicates
        if part is None:
            return True
        low, high = part.interval
        # Wilson's bounds of 0 and 1 are rounded. NaN compares as false.
        holds = low - 1e-9 <= part.value <= high + 1e-9
        return holds and 0 <= low <= high <= 1 and 0 < part.of <= self.images


def accuracy_without(said: Predictions, left_out: NDArray[np.integer]) -> Share | None:
    """The accuracy on all images but those at `left_out`; None where there are no others."""
    kept = np.delete(said.right, left_out)
    if not len(kept):
        return None
    right = int(kept.sum())
    return Share(right / len(kept), wilson(right, len(kept)), len(kept))


def _part(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    low, high = value["interval"]
    share = Share(float(value["value"]), (float(low), float(high)), int(value["of"]))
    return {"without_near_duplicates": share}


def _scores(said: Predictions) -> tuple[ClassScore, ...]:
    # Imported where it is needed: pages only read what was computed before.
    from sklearn.metrics import precision_recall_fscore_support

    columns = precision_recall_fscore_support(
        said.labels, said.predicted, labels=range(CLASS_COUNT), zero_division=0.0
    )
    return tuple(
        ClassScore(name, float(precision), float(recall), float(f1), int(support))
        for name, precision, recall, f1, support in zip(CLASS_NAMES, *columns, strict=True)
    )

"""Effects of a remedy: on a cell of the confusion matrix, its pair, each class, and overall.

Test figures are for the end, and every reveal is counted: one line in `RUN/looks.jsonl`,
on disk before the figures are returned, so that no `kill -9` loses one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COUNT, CLASS_NAMES
from fmnist_core.errors import DataError
from fmnist_core.evaluation import (
    PairedDifference,
    Predictions,
    Share,
    load_evaluation,
    load_predictions,
    paired,
)
from fmnist_core.evaluation.class_report import share_of
from fmnist_core.evaluation.paired_comparison import check_same_images
from fmnist_core.remedies.validation_reuse import shared_validation_indices, validation_predictions
from fmnist_core.runs.events import EventWriter, read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings

_KIND = "look"


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


_Flags = NDArray[np.bool_]
VALIDATION, TEST = "validation", "test"


@dataclass(frozen=True)
class Change:
    """One share of some images, before and after.

    Attributes:
        name: For people.
        mistakes: Whether it is a share of mistakes, so that less is better.
        pairs: Both networks on the same images; the first of its two is the one *after*.
    """

    name: str
    mistakes: bool
    pairs: PairedDifference

    @property
    def before(self) -> Share:
        return share_of(self.pairs.both + self.pairs.only_second, self.pairs.images)

    @property
    def after(self) -> Share:
        return share_of(self.pairs.both + self.pairs.only_first, self.pairs.images)

    @property
    def difference(self) -> float:
        """After less before, -1 to 1."""
        return self.pairs.difference

    @property
    def interval(self) -> tuple[float, float]:
        """Of the difference, 95 %, paired (`PairedDifference.interval`)."""
        return self.pairs.interval

    @property
    def better(self) -> bool:
        """By more than chance."""
        return self.pairs.more_than_chance and (self.difference < 0) == self.mistakes

    @property
    def worse(self) -> bool:
        """By more than chance."""
        return self.pairs.more_than_chance and not self.better


@dataclass(frozen=True)
class BeforeAfter:
    """Two networks on the same images.

    Attributes:
        split: `"validation"` or `"test"`.
        cell: Of the images of `pair.true`, the share taken for `pair.predicted`.
        mixed_up: Of the images of both classes, the share taken for the other one.
        classes: The share found, one a class that has images, in class order.
        overall: The share recognised of all images.
    """

    pair: Pair
    split: str
    cell: Change
    mixed_up: Change
    classes: tuple[Change, ...]
    overall: Change

    @property
    def images(self) -> int:
        return self.overall.pairs.images

    @property
    def rows(self) -> tuple[Change, ...]:
        return (self.cell, self.mixed_up, self.overall, *self.classes)


def before_after(
    before: RunFolder, after: RunFolder, pair: Pair, settings: Settings
) -> BeforeAfter:
    """The comparison on shared validation images: use it to choose.

    Raises:
        DataError: A run held none back or stored no answers for them, no image is left that both
            never saw, or none of them is of the pair's first class.
    """
    indices = shared_validation_indices(before, after, settings)
    said = [validation_predictions(folder).among(indices) for folder in (before, after)]
    return compare(said[0], said[1], pair, VALIDATION)


def on_test_images(before: RunFolder, after: RunFolder, pair: Pair) -> BeforeAfter:
    """The comparison on test images, for `reveal`, which counts; never use it to choose.

    Raises:
        DataError: A run has no test figures, they are damaged, or on other images.
    """
    figures = [load_evaluation(folder) for folder in (before, after)]
    said = [load_predictions(folder) for folder in (before, after)]
    if figures[0] is None or figures[1] is None or said[0] is None or said[1] is None:
        raise DataError("A run has no test figures.", advice="Evaluate the run again.")
    check_same_images(figures[0], figures[1])
    return compare(said[0], said[1], pair, TEST)


def compare(before: Predictions, after: Predictions, pair: Pair, split: str) -> BeforeAfter:
    """The same from answers for the same images in the same order.

    Raises:
        DataError: The images are others, or none is of the pair's first class.
    """
    labels = before.labels
    if not np.array_equal(labels, after.labels):
        raise DataError("Before and after must be about the same images.")
    if not (labels == pair.true).any():
        raise DataError(f"None of the {len(labels)} images is of the class {pair.names[0]}.")
    one, other = pair.names
    everything = np.ones(len(labels), bool)
    return BeforeAfter(
        pair,
        split,
        _mistakes(f"true {one}, predicted {other}", before, after, (pair.true, pair.predicted)),
        _mixed_up(before, after, pair),
        tuple(
            _found(CLASS_NAMES[number], before, after, labels == number)
            for number in np.unique(labels).tolist()
        ),
        _found("All images", before, after, everything),
    )


def _found(name: str, before: Predictions, after: Predictions, which: _Flags) -> Change:
    return Change(name, False, paired(after.right[which], before.right[which]))


def _mistakes(name: str, before: Predictions, after: Predictions, cell: tuple[int, int]) -> Change:
    which = before.labels == cell[0]
    taken = [said.predicted[which] == cell[1] for said in (after, before)]
    return Change(name, True, paired(taken[0], taken[1]))


def _mixed_up(before: Predictions, after: Predictions, pair: Pair) -> Change:
    which = np.isin(before.labels, pair.classes)
    taken = [_for_each_other(said, pair)[which] for said in (after, before)]
    return Change(f"{pair.title} confused", True, paired(taken[0], taken[1]))


def _for_each_other(said: Predictions, pair: Pair) -> _Flags:
    there = (said.labels == pair.true) & (said.predicted == pair.predicted)
    back = (said.labels == pair.predicted) & (said.predicted == pair.true)
    flags: _Flags = there | back
    return flags


def reveal(before: RunFolder, after: RunFolder, pair: Pair) -> BeforeAfter:
    """The comparison on test images. This counts as one reveal of the run `after`.

    Raises:
        DataError: A run has no test figures, they are damaged, or on other images; not counted.
        StorageError: The reveal cannot be recorded, so there is no result.
    """
    figures = on_test_images(before, after, pair)
    _count(_path(after), before.id, pair)
    return figures


def reveal_count(folder: RunFolder, pair: Pair | None = None) -> int:
    """How often test figures of this run were revealed, for one pair or in all."""
    events, _ = read_events(_path(folder))
    wanted = None if pair is None else list(pair.classes)
    return sum(event["kind"] == _KIND and wanted in (None, event.get("pair")) for event in events)


def _count(path: Path, before: str, pair: Pair) -> None:
    writer = EventWriter(path)
    try:
        writer.write(_KIND, before=before, pair=list(pair.classes))
    finally:
        writer.close()


def _path(folder: RunFolder) -> Path:
    return folder.path / "looks.jsonl"

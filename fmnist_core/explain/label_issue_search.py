"""Looking through all images for suspects. Only worker processes import Keras for this."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fmnist_core.background_job import Report, StoppedError
from fmnist_core.classes import CLASS_COUNT
from fmnist_core.datasets.dataset import Dataset, ImageSet
from fmnist_core.datasets.label_issues import LabelIssues, find_copies, find_mislabelled
from fmnist_core.models.calibration import of_classes

if TYPE_CHECKING:
    from fmnist_core.lab_keras import keras

Array = NDArray[np.float32]
Indices = NDArray[np.int64]

# Small, so that questions to the network are answered meanwhile.
_BATCH = 64
# Rows compared with all training images at once: 120 MB.
_ROWS = 500
# Neighbours that vote on a label.
_VOTERS = 20
# Of more features, random sums keep the angles to some hundredths (Johnson & Lindenstrauss 1984).
_MOST_FEATURES = 512


@dataclass(frozen=True)
class LabelIssueSearch:
    """A search through one data set.

    Attributes:
        data: The images.
        held_back: bool (n,), which training images the network never learned from.
        report: Hears of the progress of each step.
        stopped: Ends it once it is set.
        rest: Seconds to pause for each second of work, which others then have to themselves.
    """

    data: Dataset
    held_back: NDArray[np.bool_]
    report: Report = lambda share, what="": None
    stopped: Event = field(default_factory=Event)
    rest: float = 0.0

    def run(self, model: keras.Model) -> LabelIssues:
        """The label issues that `model` finds.

        Raises:
            StoppedError: It was stopped.
        """
        train, test = self.data.train, self.data.test
        probabilities, directions = self._looked(
            model, train, "Looking at the training images (1 of 3)"
        )

        def neighbor_votes(doubted: Indices) -> Array:
            what = "Comparing with neighbors (2 of 3)"
            near = self._nearest(directions[doubted], directions, what, itself=doubted)
            return _shares(train.labels[near])

        mislabelled = find_mislabelled(probabilities, train.labels, self.held_back, neighbor_votes)
        parts = partial(self._parts, what="Comparing with the test images (3 of 3)")
        return LabelIssues(
            fingerprint=self.data.identity.fingerprint,
            images=len(train),
            held_back=int(self.held_back.sum()),
            mislabelled=mislabelled,
            copies=tuple(find_copies(train, test, parts)),
        )

    def _looked(self, model: keras.Model, examples: ImageSet, what: str) -> tuple[Array, Array]:
        """Probabilities (n, 10) and directions in feature space (n, d) of all images."""
        from fmnist_core.models.features import before_answer, features, scores_from

        projection = _projection(before_answer(model).output_shape[-1])
        said, directions = [], []
        for part in self._parts(len(examples), _BATCH, what):
            found = features(model, examples.images[part])
            said.append(_softmax(scores_from(model, found)))
            directions.append(_unit(found @ projection))
        return np.concatenate(said), np.concatenate(directions)

    def _nearest(self, sought: Array, among: Array, what: str, itself: Indices) -> Indices:
        """int64 (n, 20) of `among`, nearest first; a row is never near to `itself`."""
        count = min(_VOTERS, len(among) - 1)
        found = [np.zeros((0, count), np.int64)]
        for part in self._parts(len(sought), _ROWS, what):
            closeness = sought[part] @ among.T
            closeness[np.arange(len(closeness)), itself[part]] = -np.inf
            found.append(_largest(closeness, count))
        return np.concatenate(found)

    def _parts(self, count: int, size: int, what: str) -> Iterator[slice]:
        """Parts of `count` rows, with a word about the progress and a rest after each."""
        for start in range(0, count, size):
            self.report(start / count, what)
            began = time.monotonic()
            yield slice(start, start + size)
            if self.stopped.wait(self.rest * (time.monotonic() - began)):
                raise StoppedError


def _largest(rows: Array, count: int) -> Indices:
    """Indices of the `count` largest of each row, int64 (n, count); changes the rows.

    Of so many numbers, looking for a few largest one after the other is twenty times as quick as
    parting them.
    """
    places = np.empty((len(rows), count), np.int64)
    for number in range(count):
        places[:, number] = rows.argmax(axis=1)
        rows[np.arange(len(rows)), places[:, number]] = -np.inf
    return places


def _softmax(scores: Array) -> Array:
    # The eleventh score, of networks that have it, is of other clothing: not a label here.
    scores = of_classes(scores)
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def _unit(rows: Array) -> Array:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def _projection(width: int) -> Array:
    if width <= _MOST_FEATURES:
        return np.eye(width, dtype=np.float32)
    random = np.random.default_rng(0)
    return random.standard_normal((width, _MOST_FEATURES), np.float32)


def _shares(labels: NDArray[np.uint8]) -> Array:
    """(n, 10): how often each class is among the labels (n, k)."""
    return (labels[..., None] == np.arange(CLASS_COUNT)).mean(axis=1, dtype=np.float32)

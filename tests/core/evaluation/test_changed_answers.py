"""Two networks' answers laid against each other."""

import numpy as np
import pytest

from fmnist_core.errors import DataError
from fmnist_core.evaluation import ChangedAnswers, Predictions


def said(labels: list[int], answers: list[tuple[int, float]]) -> Predictions:
    rows = np.zeros((len(labels), 10), np.float32)
    for row, (number, share) in zip(rows, answers, strict=True):
        row[:] = (1 - share) / 9
        row[number] = share
    return Predictions(rows, np.array(labels, np.uint8))


LABELS = [6, 6, 6, 0]
BEFORE = said(LABELS, [(0, 0.9), (0, 0.6), (6, 0.8), (0, 0.9)])
AFTER = said(LABELS, [(6, 0.7), (0, 0.9), (0, 0.5), (0, 0.8)])


def test_a_cell_without_a_difference_may_hold_changed_images():
    changed = ChangedAnswers(BEFORE, AFTER)
    assert (changed.counts == AFTER.confusion - BEFORE.confusion).all()
    assert changed.counts[6, 0] == changed.counts.sum() == 0
    assert changed.changed.tolist() == [True, False, True, False]
    assert changed.came(6, 0).tolist() == [2]
    assert changed.left(6, 0).tolist() == [0]
    assert changed.came(6, 6).tolist() == [0]
    assert changed.left(6, 6).tolist() == [2]
    assert not len(changed.came(0, 0))


def test_hardest_come_first():
    labels = [6] * 3
    after = said(labels, [(0, 0.5), (0, 0.95), (0, 0.7)])
    before = said(labels, [(6, 0.9)] * 3)
    assert ChangedAnswers(before, after).came(6, 0).tolist() == [1, 2, 0]
    assert ChangedAnswers(after, before).left(6, 0).tolist() == [1, 2, 0]


@pytest.mark.parametrize("labels", [[6, 6, 6, 1], [6, 6]])
def test_other_images_cannot_be_compared(labels):
    other = said(labels, [(0, 0.9)] * len(labels))
    with pytest.raises(DataError, match="same test images"):
        ChangedAnswers(BEFORE, other)

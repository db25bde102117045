"""The confusion matrix shows every count and can be clicked in every cell."""

from __future__ import annotations

import numpy as np
import pytest

from fmnist_ui.figures.chart import Palette
from fmnist_ui.figures.confusion import confusion_figure

PALETTE = Palette(
    "#111111", "#FFFFFF", "#DDDDDD", "#0000FF", "#FF8800", "#00AA00", "#CC0000", ("#0000FF",)
)


@pytest.fixture
def counts():
    counts = np.zeros((10, 10), dtype=np.int64)
    np.fill_diagonal(counts, 888)
    counts[6, 0] = 112
    return counts


def written(figure, true, predicted):
    """The texts that lie on one cell."""
    return [text for trace in figure.data[:2] if (text := trace.text[true][predicted])]


def test_cells_are_labelled_with_counts_or_shares(counts):
    assert written(confusion_figure(counts, PALETTE), 6, 0) == ["112"]
    assert written(confusion_figure(counts, PALETTE), 6, 6) == ["888"]
    assert written(confusion_figure(counts, PALETTE, share=True), 6, 0) == ["11.2"]


def test_an_empty_cell_has_no_text(counts):
    assert written(confusion_figure(counts, PALETTE), 0, 6) == []


def test_every_cell_has_a_square_that_says_which_it_is(counts):
    squares = confusion_figure(counts, PALETTE).data[-1]
    cells = {tuple(item) for item in squares.customdata}
    assert cells == {(true, predicted) for true in range(10) for predicted in range(10)}
    assert squares.marker.opacity == 0
    assert squares.selected.marker.opacity == 0.45
    for x, y, (true, predicted) in zip(squares.x, squares.y, squares.customdata, strict=True):
        assert (y, x) == (true, predicted)


def test_hovering_reads_as_a_sentence(counts):
    texts = confusion_figure(counts, PALETTE).data[-1].text
    assert "<b>Shirt</b> taken for <b>T-shirt/top</b>: 112 of 1000 (11.2%)" in texts
    assert "<b>Bag</b> recognised: 888 of 888 (100.0%)" in texts


def test_the_figure_is_the_same_each_time(counts):
    assert (
        confusion_figure(counts, PALETTE).to_json() == confusion_figure(counts, PALETTE).to_json()
    )


def test_a_class_without_images_divides_nothing_by_zero(counts, recwarn):
    counts[5] = 0
    confusion_figure(counts, PALETTE, share=True)
    assert not recwarn.list

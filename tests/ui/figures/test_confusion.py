"""The confusion matrix and its changes; what its cells and the cards of their images show."""

import re

import numpy as np
import pytest

from fmnist_core.datasets.label_issues import CopyPair, Mislabelled
from fmnist_core.evaluation import Predictions
from fmnist_ui.figures.cards import (
    copy_cards,
    mislabelled_cards,
    opened_html,
    prediction_cards,
    small_cards,
)
from fmnist_ui.figures.confusion import cell_curve, confusion_difference, confusion_figure
from tests.ui.figures.palette import PALETTE


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
    for x, y, (true, predicted) in zip(squares.x, squares.y, squares.customdata, strict=True):
        assert (y, x) == (true, predicted)


def test_hovering_reads_as_a_sentence(counts):
    texts = confusion_figure(counts, PALETTE).data[-1].text
    assert "True <b>Shirt</b>, predicted <b>T-shirt/top</b>: 112 of 1000 (11.2%)" in texts
    assert "<b>Bag</b>, correct: 888 of 888 (100.0%)" in texts


def test_the_figure_is_the_same_each_time(counts):
    first, second = (confusion_figure(counts, PALETTE).to_json() for _ in range(2))
    assert first == second


def test_a_class_without_images_divides_nothing_by_zero(counts, recwarn):
    counts[5] = 0
    confusion_figure(counts, PALETTE, share=True)
    assert not recwarn.list


IMAGES = np.arange(3 * 784, dtype=np.uint32).astype(np.uint8).reshape(3, 28, 28)


@pytest.fixture
def change():
    change = np.zeros((10, 10), np.int64)
    change[6, 6], change[6, 0] = 40, -40
    change[2, 2], change[2, 4] = -3, 3
    return change


def test_more_recognised_and_fewer_mistakes_are_both_for_the_better(change):
    values = np.array(confusion_difference(change, PALETTE).data[0].z)
    assert values[6, 6] == values[6, 0] == 1
    assert values[2, 2] == values[2, 4] < 0
    assert values[9, 9] == 0


def test_the_colours_are_centred_at_no_change(change):
    cells = confusion_difference(change, PALETTE).data[0]
    assert cells.zmin == -cells.zmax
    assert cells.colorscale[1][0] == 0.5


def test_each_change_is_written_with_its_sign_and_as_a_sentence(change):
    figure = confusion_difference(change, PALETTE)
    assert figure.data[0].text[6][0] == "−40"
    assert figure.data[0].text[2][4] == "+3"
    assert figure.data[0].text[0][0] == ""
    sentences = figure.data[1].text
    assert "True <b>Shirt</b>, predicted <b>T-shirt/top</b>: 40 fewer" in sentences
    assert "True <b>Pullover</b>, predicted <b>Coat</b>: 3 more" in sentences
    assert "<b>Bag</b>, correct: no change" in sentences
    assert figure.data[1].customdata[60] == [6, 0]


def test_equal_matrices_give_an_empty_figure():
    figure = confusion_difference(np.zeros((10, 10), np.int64), PALETTE)
    assert not np.array(figure.data[0].z).any()


def test_a_card_says_which_image_it_is_and_what_the_other_run_said():
    rows = np.full((3, 10), 0.02, np.float32)
    rows[:, 6] = 0.82
    other = np.roll(rows, 1, axis=1)
    labels = np.full(3, 6, np.uint8)
    said, before = Predictions(rows, labels), Predictions(other, labels)
    html = small_cards(IMAGES, said, [2, 0], PALETTE, before)
    assert re.findall(r'data-pick="(\d+)"', html) == ["2", "0"]
    alt = "Test image 2: true Shirt, predicted Shirt, 82%; other run: Sneaker, 82%"
    assert f'alt="{alt}"' in html
    assert "<figcaption>Sneaker</figcaption>" in html
    assert "<figcaption>82%</figcaption>" in small_cards(IMAGES, said, [2], PALETTE)
    assert "data-pick" not in prediction_cards(IMAGES, said, [2], PALETTE)


def test_an_opened_image_has_a_bar_for_each_class():
    html = opened_html(IMAGES[0], np.full(10, 0.1, np.float32), "Test image 3: <Bag>", PALETTE)
    assert html.count('class="bar"') == 10
    assert 'alt="Test image 3: &lt;Bag&gt;"' in html


def test_a_cell_over_the_epochs_marks_the_moment_looked_at():
    chart = cell_curve([0, 0.5, 1], [0.1, 0.3, 0.2], 0.5, 3, PALETTE)
    assert chart.data["now"].tolist() == [False, True, False]
    assert chart.spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0, 3]


def test_a_mislabelled_image_can_be_ticked_and_says_who_doubts_it():
    one = Mislabelled(2, 0, 6, 0.97, 0.01, 0.8, True, 0.9)
    html = mislabelled_cards([one], IMAGES, PALETTE)
    assert re.findall(r'data-tick="(\d+)"', html) == ["2"]
    assert "<s>T-shirt/top</s> Shirt?" in html
    assert "80% of its neighbors agree · validation image" in html


def test_a_copy_shows_both_pictures_and_a_label_that_differs():
    one = CopyPair(1, 0, 0.995, 0.97, (1, -2), 3, 6)
    html = copy_cards([one], IMAGES, IMAGES, PALETTE)
    assert html.count("<img") == 2
    assert "Dress · as test image: Shirt" in html
    assert "0.970 correlation · shifted 1 down, 2 left" in html

"""Images, small and in rows, cards, filters, heat of either sign, and charts of classes."""

import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from fmnist_core.evaluation import Predictions, class_reports
from fmnist_core.images import data_url, png
from fmnist_core.runs.pinned_images import PinnedImage
from fmnist_ui.figures.cards import (
    Tile,
    TileRow,
    answer_html,
    chosen_html,
    picture_html,
    prediction_cards,
    strip_html,
    tiles_html,
    why_html,
)
from fmnist_ui.figures.class_bars import class_scores
from fmnist_ui.figures.confusion import Changed, change_html
from fmnist_ui.figures.dataset_charts import class_counts, pixel_histogram
from fmnist_ui.figures.filter_cards import FilterCard, filter_cards
from fmnist_ui.figures.heat_map import heat_picture
from fmnist_ui.figures.layer_curves import pinned_image_cards
from fmnist_ui.words import probability
from tests.ui.figures.palette import PALETTE

IMAGES = np.arange(3 * 28 * 28, dtype=np.uint32).reshape(3, 28, 28).astype(np.uint8)


def opened(data):
    return np.asarray(Image.open(io.BytesIO(data)))


def test_a_png_keeps_every_pixel():
    assert np.array_equal(opened(png(IMAGES[0])), IMAGES[0])
    assert np.array_equal(opened(png(IMAGES[0], 3))[::3, ::3], IMAGES[0])
    assert data_url(IMAGES[0]).startswith("data:image/png;base64,")


@pytest.fixture
def said():
    rows = np.zeros((3, 10))
    rows[0, [6, 0, 2]] = 0.7, 0.2, 0.1
    rows[1, [0, 6]] = 0.9, 0.1
    rows[2, 8] = 1
    return Predictions(rows, np.array([6, 6, 8]))


def test_a_card_tells_right_from_wrong_in_colour_and_in_sign(said):
    html = prediction_cards(IMAGES, said, [0, 1], PALETTE)
    right, wrong = html.split("<figure")[1:]
    assert "✓ Shirt" in right
    assert PALETTE.good in right
    assert "70%" in right
    assert "✗ T-shirt/top" in wrong
    assert PALETTE.bad in wrong
    assert "true Shirt" in wrong


HOSTILE = "<img src=x onerror=\"alert('a')\">{{ 7 * 7 }}"


@pytest.mark.parametrize(
    "draw",
    [
        lambda text: answer_html(text, text, np.full(10, 0.1, np.float32), text, PALETTE),
        lambda text: chosen_html(IMAGES[0], text, text, np.full(10, 0.1, np.float32), PALETTE),
        lambda text: why_html(None, "Bag", [(IMAGES[0], text, "#FF0000")], PALETTE),
        lambda text: picture_html(IMAGES[0], text, text),
        lambda text: strip_html([(text, IMAGES[0])], PALETTE),
        lambda text: change_html(
            [Changed(IMAGES[0], text, "#FF0000", (text, True), (text, False))], PALETTE
        ),
        lambda text: pinned_image_cards(
            [PinnedImage(IMAGES[0], text)], np.full((1, 10), 0.1, np.float32), PALETTE
        ),
    ],
)
def test_what_people_wrote_stays_text(draw):
    html = draw(HOSTILE)
    assert type(html) is str
    assert "&lt;img src=x" in html
    assert "{{ 7 * 7 }}" in html
    assert "<img src=x" not in html
    assert 'onerror="' not in html


def test_a_card_has_three_bars(said):
    html = prediction_cards(IMAGES, said, [0], PALETTE)
    assert re.findall(r"width:([\d.]+)%;", html) == ["70.0", "20.0", "10.0"]


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (1.0, "100%"),
        (0.997, "> 99%"),
        (0.99996, "> 99%"),
        (0.5, "50%"),
        (0.004, "< 1%"),
        (0.0, "< 1%"),
    ],
)
def test_probabilities_for_people(share, text):
    assert probability(share) == text


def test_charts_of_classes_carry_their_numbers(said):
    charts = [
        class_scores(class_reports(said.confusion), PALETTE),
        class_counts({"train": [9] * 10, "test": [1] * 10}, PALETTE),
        pixel_histogram(np.array([3, 1]), np.array([0.0, 0.5, 1.0]), PALETTE, title="pixel"),
    ]
    assert [len(chart.data) for chart in charts] == [30, 20, 2]
    assert charts[2].data["share"].tolist() == [0.75, 0.25]
    for chart in charts:
        json.dumps(chart.spec, allow_nan=False)


def test_names_cannot_become_html():
    tile = Tile("data:,", "<i>caption</i>", 'a "hint"')
    html = tiles_html([TileRow("<b>", "<script>", [tile])], PALETTE)
    assert "<script>" not in html
    assert "<i>caption" not in html
    assert "a &#34;hint&#34;" in html


def test_rows_may_have_a_size_of_their_own():
    rows = [TileRow("", "", [Tile("data:,")], 22), TileRow("", "", [Tile("data:,")])]
    html = tiles_html(rows, PALETTE, side=80, most=3)
    assert html.count("--side:22px") == 1
    assert "repeat(3,minmax(0,80px))" in html


def test_a_card_shows_what_there_is():
    weights = np.ones((3, 3), np.float32)
    response = np.zeros((28, 28), np.uint8)
    whole = filter_cards([FilterCard("4", weights, weights / 2, response)], PALETTE)
    assert whole.count("<img") == 4
    bare = filter_cards([FilterCard("4", weights, None, None)], PALETTE)
    assert bare.count("<img") == 1
    assert filter_cards([], PALETTE).count("<img") == 0


def test_warm_speaks_for_and_blue_against():
    heat = np.zeros((28, 28), np.float32)
    heat[4:10, 4:10], heat[18:24, 18:24] = 1, -1
    picture = heat_picture(np.full((28, 28), 128, np.uint8), heat)
    red, _, blue = (picture[..., channel].astype(int) for channel in range(3))
    assert red[56, 56] > blue[56, 56] + 50
    assert blue[168, 168] > red[168, 168] + 20
    assert (picture[112, 20] == 128).all()


def test_heat_without_a_sign_has_no_blue_seams():
    heat = np.zeros((28, 28), np.float32)
    heat[10:18, 10:18] = 1
    picture = heat_picture(np.zeros((28, 28), np.uint8), heat).astype(int)
    assert (picture[..., 2] <= picture[..., 0]).all()

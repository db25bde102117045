"""Small pictures in rows, cards of filters, and heat of either sign."""

from __future__ import annotations

import numpy as np

from fmnist_ui.figures.chart import Palette
from fmnist_ui.figures.filter_cards import FilterCard, filter_cards
from fmnist_ui.figures.heat_map import heat_picture
from fmnist_ui.figures.tiles import Tile, TileRow, tiles_html

PALETTE = Palette("#111111", "#FFFFFF", "#CCCCCC", "#0000FF", "#FF8000", "#00FF00", "#FF0000", ())


def test_names_cannot_become_html() -> None:
    tile = Tile("data:,", "<i>caption</i>", 'a "hint"')
    html = tiles_html([TileRow("<b>", "<script>", [tile])], PALETTE)
    assert "<script>" not in html
    assert "<i>caption" not in html
    assert "a &quot;hint&quot;" in html


def test_rows_may_have_a_size_of_their_own() -> None:
    rows = [TileRow("", "", [Tile("data:,")], 22), TileRow("", "", [Tile("data:,")])]
    html = tiles_html(rows, PALETTE, side=80, most=3)
    assert html.count("--side:22px") == 1
    assert "repeat(3,minmax(0,80px))" in html


def test_a_card_shows_what_there_is() -> None:
    weights = np.ones((3, 3), np.float32)
    response = np.zeros((28, 28), np.uint8)
    whole = filter_cards([FilterCard("4", weights, weights / 2, response)], PALETTE)
    assert whole.count("<img") == 4
    bare = filter_cards([FilterCard("4", weights, None, None)], PALETTE)
    assert bare.count("<img") == 1
    assert filter_cards([], PALETTE).count("<img") == 0


def test_warm_speaks_for_and_blue_against() -> None:
    heat = np.zeros((28, 28), np.float32)
    heat[4:10, 4:10], heat[18:24, 18:24] = 1, -1
    picture = heat_picture(np.full((28, 28), 128, np.uint8), heat)
    red, _, blue = (picture[..., channel].astype(int) for channel in range(3))
    assert red[56, 56] > blue[56, 56] + 50
    assert blue[168, 168] > red[168, 168] + 20
    assert (picture[112, 20] == 128).all()


def test_heat_without_a_sign_has_no_blue_seams() -> None:
    heat = np.zeros((28, 28), np.float32)
    heat[10:18, 10:18] = 1
    picture = heat_picture(np.zeros((28, 28), np.uint8), heat).astype(int)
    assert (picture[..., 2] <= picture[..., 0]).all()

"""The map of the data as a figure: nothing is lost, mistakes stand out, the star is on top."""

import numpy as np
import pytest

from fmnist_ui.figures.embedding_map import (
    BY_CLASS,
    BY_CONFIDENCE,
    BY_RIGHT,
    Points,
    Star,
    atlas_figure,
    legend_html,
)
from tests.ui.figures.palette import PALETTE


@pytest.fixture
def points() -> Points:
    """Twenty images, two of each class, of which 3 and 13 are taken for the next class."""
    labels = np.arange(20, dtype=np.uint8) % 10
    predicted = labels.astype(np.int64)
    predicted[[3, 13]] += 1
    places = np.arange(40, dtype=np.float32).reshape(20, 2)
    return Points(places, labels, predicted, np.full(20, 0.9, np.float32), np.ones(20, bool))


def rows(figure) -> list[int]:
    return [int(row) for trace in figure.data for row in trace.customdata]


@pytest.mark.parametrize("by", [BY_CLASS, BY_RIGHT, BY_CONFIDENCE])
def test_every_image_is_one_point_at_its_place(points, by):
    figure = atlas_figure(points, None, PALETTE, by=by)
    assert sorted(rows(figure)) == list(range(20))
    for trace in figure.data:
        for row, x, y in zip(trace.customdata, trace.x, trace.y, strict=True):
            assert (x, y) == tuple(points.places[row])


@pytest.mark.parametrize("by", [BY_CLASS, BY_RIGHT, BY_CONFIDENCE])
def test_mistakes_are_above_and_of_another_shape(points, by):
    last = atlas_figure(points, None, PALETTE, by=by).data[-1]
    assert last.customdata.tolist() == [3, 13]
    assert last.marker.symbol == "diamond"


def test_other_classes_stay_as_a_ground_that_cannot_be_pointed_at(points):
    only = Points(
        points.places, points.labels, points.predicted, points.confidence, points.labels == 3
    )
    ground, *coloured = atlas_figure(only, None, PALETTE).data
    assert ground.hoverinfo == "skip"
    assert len(ground.x) == 18
    assert sorted(row for trace in coloured for row in trace.customdata) == [3, 13]
    legend = legend_html(only, False, PALETTE)
    assert "Dress" in legend
    assert "Coat" not in legend


def test_the_star_is_on_top_with_lines_to_its_neighbours(points):
    star = Star(np.array([1.5, 2.5], np.float32), np.array([0, 1, 2]))
    *_, lines, rings, top = atlas_figure(points, star, PALETTE).data
    assert (top.marker.symbol, top.x[0], top.y[0]) == ("star", 1.5, 2.5)
    assert rings.x.tolist() == [0, 2, 4]
    assert np.nansum(lines.x) == pytest.approx(6 + 3 * 1.5)
    assert "this image" in legend_html(points, True, PALETTE)


def test_the_same_map_is_the_same_figure_so_that_the_zoom_stays(points):
    first, second = (atlas_figure(points, None, PALETTE).to_json() for _ in range(2))
    assert first == second

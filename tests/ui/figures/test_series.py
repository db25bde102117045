"""Series made ready for the eye."""

from __future__ import annotations

import math

import pytest

from fmnist_ui.figures.chart import smooth, thin


def test_smoothing_begins_at_the_first_value_and_passes_over_nan():
    assert smooth([2.0, 2.0, 2.0]) == pytest.approx([2.0, 2.0, 2.0])
    assert smooth([1.0, math.nan, 1.0]) == pytest.approx([1.0, 1.0, 1.0])
    assert smooth([0.0, 1.0], memory=0.5) == pytest.approx([0.0, 2 / 3])
    assert smooth([0.3, 0.8], memory=0.0) == pytest.approx([0.3, 0.8])


@pytest.mark.parametrize("length", [0, 1, 2, 399, 400, 401, 800, 5000])
def test_thinning_keeps_both_ends_and_is_short(length):
    items = list(range(length))
    kept = thin(items, 400)
    assert len(kept) <= 400
    assert kept[:1] == items[:1]
    assert kept[-1:] == items[-1:]
    assert len(kept) >= min(length, 200)


def test_a_growing_series_keeps_the_points_it_shows():
    assert set(thin(range(1000))[:-1]) <= set(thin(range(1010)))

"""Figures of the Evaluate page: their rows are the numbers, their forms are JSON."""

import json
import re

import numpy as np
import pytest

from fmnist_core.evaluation import (
    Predictions,
    confused_pairs,
    each_vs_rest,
    exemplars,
    reliability_bins,
    risk_coverage,
    selective_accuracy,
    temperature_sweep,
)
from fmnist_ui.figures.chart import thinned
from fmnist_ui.figures.class_bars import class_strips, pair_bars
from fmnist_ui.figures.differences import Difference, differences
from fmnist_ui.figures.reliability_diagram import (
    bin_counts,
    coverage_curve,
    reliability_diagram,
    temperature_curve,
)
from fmnist_ui.figures.roc_curves import precision_recall_curves, roc_curves
from tests.ui.figures.palette import PALETTE


@pytest.fixture(scope="module")
def said():
    random = np.random.default_rng(3)
    labels = random.integers(0, 10, 400)
    scores = random.normal(0, 1, (400, 10))
    scores[np.arange(400), labels] += 2
    powers = np.exp(scores)
    return Predictions((powers / powers.sum(axis=1, keepdims=True)).astype(np.float32), labels)


def drawn(chart):
    json.dumps(chart.spec, allow_nan=False)
    assert chart.alt
    return chart.data


def test_a_thinned_curve_keeps_its_ends_and_its_corners():
    x = np.concatenate([np.zeros(500), np.linspace(0, 1, 500)])
    y = np.concatenate([np.linspace(0, 1, 500), np.ones(500)])
    kept = thinned(x, y, 50)
    assert len(kept) <= 50
    assert (kept[0], kept[-1]) == (0, 999)
    assert np.hypot(np.diff(x[kept]), np.diff(y[kept])).max() < 0.06
    assert thinned(np.array([0.3]), np.array([0.5])).tolist() == [0]


def test_every_class_has_its_curve(said):
    curves = each_vs_rest(said)
    for chart in (precision_recall_curves(curves, PALETTE), roc_curves(curves, PALETTE)):
        data = drawn(chart)
        assert data["class"].nunique() == 10
        assert len(data) <= 1600
        assert data[["x", "y"]].to_numpy().min() >= 0
        assert data[["x", "y"]].to_numpy().max() <= 1
    corner = drawn(roc_curves(curves, PALETTE)).groupby("class").first()
    assert (corner[["x", "y"]] == 0).all(axis=None)


def test_the_diagram_says_which_bins_are_off(said):
    bins = reliability_bins(said)
    data = drawn(reliability_diagram(bins, PALETTE))
    assert data["images"].sum() == 400
    assert (data["verdict"] == "significantly miscalibrated").tolist() == [
        each.off for each in bins
    ]
    assert len(drawn(bin_counts(bins, PALETTE))) == len(bins)


def test_the_fitted_temperature_is_marked_where_there_is_one(said):
    sweep = temperature_sweep(said, [0.5, 1, 2])
    for fitted, marks in ((1.3, 2), (None, 1)):
        chart = temperature_curve(sweep, 1.0, fitted, PALETTE)
        assert len(drawn(chart)) == 3
        assert len(chart.spec["layer"][0]["data"]["values"]) == marks


def test_the_point_of_the_coverage_curve_goes_when_nothing_is_answered(said):
    curve = risk_coverage(said)
    some = coverage_curve(curve, selective_accuracy(said, 0.6), PALETTE)
    assert drawn(some)["coverage"].max() == 1
    assert len(some.spec["layer"]) == 3
    assert len(coverage_curve(curve, selective_accuracy(said, 1.0), PALETTE).spec["layer"]) == 1


def test_few_images_still_make_a_coverage_curve():
    few = Predictions(np.eye(10, dtype=np.float32)[:2], np.array([0, 1]))
    drawn(coverage_curve(risk_coverage(few), selective_accuracy(few, 0.5), PALETTE))


def test_each_pair_has_two_bars(said):
    pairs = confused_pairs(said.confusion, 3)
    data = drawn(pair_bars(pairs, PALETTE))
    assert data["count"].tolist() == [n for pair in pairs for n in (pair.count, pair.back)]


def test_differences_say_who_is_better_or_that_it_may_be_chance():
    rows = [
        Difference("a", 0.1, (0.05, 0.15), 100),
        Difference("b", -0.1, (-0.2, -0.01), 100),
        Difference("c", 0.1, (-0.1, 0.3), 10),
    ]
    data = drawn(differences(rows, ("mine", "yours"), PALETTE))
    words = ["mine is better", "yours is better", "not significant"]
    assert data["verdict"].tolist() == words


def test_strips_show_each_image_with_what_was_said_of_it(said):
    images = np.zeros((400, 28, 28), np.uint8)
    found = exemplars(said, 6, count=2)
    html = class_strips(images, said, [(6, found)], PALETTE)
    assert html.count("<img") == 6
    assert html.count('class="wrong"') == sum(
        int((~said.right[part]).sum()) for part in (found.best, found.typical, found.worst)
    )
    assert re.search(rf"Test image {found.worst[0]}: Shirt .*, predicted", html)

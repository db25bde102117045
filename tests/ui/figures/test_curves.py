"""Curves carry the numbers they were given, on specifications that stay the same."""

from __future__ import annotations

import json
import math

import pytest

from fmnist_core.runs.history import BatchPoint, EpochPoint, History
from fmnist_ui.figures.chart import Palette, mix
from fmnist_ui.figures.live_curves import (
    METRICS,
    accuracy_curve,
    loss_curve,
    rate_curve,
    run_curves,
)

PALETTE = Palette(
    "#111111", "#FFFFFF", "#DDDDDD", "#0000FF", "#FF8800", "#00AA00", "#CC0000", ("#0000FF",)
)


def grown(batches, epochs=5):
    points = tuple(BatchPoint(i / 100, 2 / (i + 1), 0.5, 1e-3) for i in range(batches))
    return History(batches=points, epochs=epochs, steps_per_epoch=100)


def epoch(number, val=0.8):
    return EpochPoint(number, 0.5, 0.7, None if val is None else 0.6, val, 1e-3, 4.0)


@pytest.mark.parametrize("curve", [accuracy_curve, loss_curve, rate_curve])
def test_only_the_data_changes_while_a_run_goes_on(curve):
    young, old = curve(grown(3), PALETTE), curve(grown(300), PALETTE)
    assert young.spec == old.spec
    assert len(young.data) < len(old.data)
    json.dumps(old.spec, allow_nan=False)


@pytest.mark.parametrize("curve", [accuracy_curve, loss_curve, rate_curve])
def test_an_empty_history_can_be_drawn(curve):
    assert len(curve(History(), PALETTE).data) == 0


def test_a_long_run_is_drawn_with_few_points():
    assert len(accuracy_curve(grown(20_000), PALETTE).data) <= 400


def test_training_and_validation_are_told_apart():
    data = accuracy_curve(History(epochs_done=(epoch(1), epoch(2, None)), epochs=2), PALETTE).data
    assert data[["x", "value", "who"]].values.tolist() == [
        [1.0, 0.7, "Training"],
        [1.0, 0.8, "Validation"],
        [2.0, 0.7, "Training"],
    ]


@pytest.mark.parametrize("loss", [math.nan, math.inf, 0.0, -1.0])
def test_what_a_logarithm_cannot_show_is_left_out(loss):
    history = History(batches=(BatchPoint(0.1, loss, 0.5, 1e-3),), epochs=1)
    assert loss_curve(history, PALETTE).data["value"].isna().all()


def test_runs_lie_over_each_other_in_colours_of_their_own():
    runs = {"a": History(epochs_done=(epoch(1),), epochs=3), "b": History(epochs=8)}
    chart = run_curves(runs, METRICS[0], PALETTE)
    assert chart.data.values.tolist() == [["a", 1, 0.8]]
    assert chart.spec["encoding"]["color"]["scale"]["domain"] == ["a", "b"]
    assert chart.spec["encoding"]["x"]["scale"]["domain"] == [0, 8]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.field)
def test_every_metric_can_be_drawn_without_any_run(metric):
    json.dumps(run_curves({}, metric, PALETTE).spec, allow_nan=False)


def test_mixing_colours():
    assert mix("#000000", "#FFFFFF", 0.5) == "#808080"
    assert mix("#102030", "#FFFFFF", 0) == "#102030"

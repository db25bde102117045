"""Curves, of one run and of several seeds, carry the numbers they were given; lines of trials."""

import json
import math
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from fmnist_core.runs.history import BatchPoint, EpochPoint, History
from fmnist_ui.figures.chart import mix, smooth, thin
from fmnist_ui.figures.live_curves import (
    METRICS,
    accuracy_curve,
    loss_curve,
    rate_curve,
    run_curves,
    seed_curves,
)
from fmnist_ui.figures.parallel import Axis, TrialLine, parallel_lines, setting_bars
from tests.ui.figures.palette import PALETTE


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
    epochs = (epoch(1), epoch(2, None))
    chart = accuracy_curve(History(epochs_done=epochs, epochs=2), PALETTE)
    assert chart.data[["x", "value", "who"]].values.tolist() == [
        [1.0, 0.7, "Training (smoothed)"],
        [2.0, 0.7, "Training (smoothed)"],
        [1.0, 0.8, "Validation"],
    ]
    # Where there are points between epochs, their line is that of the training.
    batches = (BatchPoint(0.5, 1.0, 0.5, 1e-3),)
    data = accuracy_curve(History(batches, epochs_done=epochs, epochs=2), PALETTE).data
    assert data[["x", "smooth", "who"]].values.tolist()[0] == [0.5, 0.5, "Training (smoothed)"]
    assert len(data) == 2


@pytest.mark.parametrize(("lowest", "begins"), [(0.07, 0.0), (0.57, 0.5), (0.999, 0.9)])
def test_accuracies_have_a_linear_axis_from_the_ten_per_cent_below(lowest, begins):
    batches = tuple(BatchPoint(i / 9, 1.0, value, 1e-3) for i, value in enumerate((lowest, 1.0)))
    spec = accuracy_curve(History(batches, epochs=1), PALETTE).spec
    scale = spec["layer"][0]["encoding"]["y"]["scale"]
    assert scale == {"domain": [begins, 1], "nice": False, "zero": False}


@pytest.mark.parametrize("lost", [math.nan, math.inf])
def test_where_a_training_first_gave_no_number_is_marked(lost):
    batches = tuple(BatchPoint(x, loss, 0.5, 1e-3) for x, loss in [(0.1, 2.0), (0.2, lost)])
    data = loss_curve(History(batches, epochs=1), PALETTE).data
    assert data[data["kind"] == "nan"]["x"].tolist() == [0.2]
    of_epoch = History(epochs_done=(epoch(1), replace(epoch(2), val_loss=lost)), epochs=2)
    assert loss_curve(of_epoch, PALETTE).data.query("kind == 'nan'")["x"].tolist() == [2.0]
    assert "nan" not in set(loss_curve(grown(3), PALETTE).data["kind"])


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


def history(*losses: float, epochs: int = 5) -> History:
    points = [EpochPoint(n + 1, v, 0.5, v, 0.5, 1e-3, 1.0) for n, v in enumerate(losses)]
    return History(epochs_done=tuple(points), epochs=epochs)


def test_a_thin_line_a_seed_and_a_mean_with_its_band():
    chart = seed_curves({3: history(1.0, 0.5), 4: history(2.0)}, "val_loss", PALETTE)
    lines = chart.data[chart.data.kind == "seed"]
    assert lines[["x", "value", "seed"]].to_numpy().tolist() == [
        [1.0, 1.0, "3"],
        [2.0, 0.5, "3"],
        [1.0, 2.0, "4"],
    ]
    (mean,) = chart.data[chart.data.kind == "mean"].to_dict("records")
    assert (mean["x"], mean["value"], mean["seeds"]) == (1.0, 1.5, 2.0)
    assert mean["deviation"] == pytest.approx(0.5**0.5)
    assert (mean["low"], mean["high"]) == pytest.approx((1.5 - 0.5**0.5, 1.5 + 0.5**0.5))
    assert "2 seeds" in chart.alt


def test_a_seed_in_its_first_epoch_shows_its_training():
    chart = seed_curves({3: grown(50), 4: history(1.0)}, "loss", PALETTE)
    of_first = chart.data[chart.data.seed == "3"]
    assert set(of_first.kind) == {"batch"}
    assert of_first["value"].tolist()[0] == 2.0
    assert set(chart.data[chart.data.seed == "4"].kind) == {"seed"}
    assert "batch" not in set(seed_curves({3: grown(50)}, "val_loss", PALETTE).data.kind)


def test_nothing_goes_below_what_a_logarithm_can_show():
    chart = seed_curves({0: history(0.0), 1: history(1.0)}, "loss", PALETTE)
    assert chart.data[["value", "low"]].min().min() > 0
    assert chart.data.isin([float("inf"), float("-inf")]).sum().sum() == 0


def test_only_the_data_grow():
    early = seed_curves({0: history(1.0), 1: History(epochs=5)}, "loss", PALETTE)
    late = seed_curves({0: history(1.0, 0.8), 1: history(1.1)}, "loss", PALETTE)
    assert early.spec == late.spec
    assert list(early.data.columns) == list(late.data.columns)
    assert early.data.dtypes.tolist() == late.data.dtypes.tolist()


def test_before_the_first_epoch_there_is_an_empty_chart():
    assert seed_curves({}, "accuracy", PALETTE).data.empty


RATE = Axis("rate", "Learning rate", ((0, "0.0001"), (1, "0.01")), 1e-4, 1e-2, log=True)
BATCH = Axis("batch", "Batch size", ((0, "16"), (0.5, "32"), (1, "64")), choices=(16, 32, 64))


def lines(*scores: float, **values: Any) -> pd.DataFrame:
    tried = {"rate": 1e-3, "batch": 64, **values}
    trials = [TrialLine(number, tried, score) for number, score in enumerate(scores, start=1)]
    data = parallel_lines([RATE, BATCH], trials, PALETTE).data
    return data[data["kind"] == "line"]


def places(data: pd.DataFrame, axis: str) -> list[float]:
    return list(data[data["axis"] == axis].sort_values("trial")["place"])


def test_ratios_and_choices_are_spread_evenly():
    data = lines(0.8)
    assert places(data, "Learning rate") == [pytest.approx(0.5)]
    assert places(data, "Batch size") == [1.0]
    assert places(lines(0.8, batch=32), "Batch size") == [0.5]


def test_one_bad_trial_does_not_press_the_good_ones_together():
    worst, good, best = places(lines(0.1, 0.88, 0.91), "Validation")
    assert (worst, best) == (0.0, 1.0)
    assert good < 0.9


def test_trials_that_are_equally_good_are_drawn():
    assert places(lines(0.5, 0.5), "Validation") == [1.0, 1.0]
    assert places(lines(1.0), "Validation") == [1.0]


def test_the_setting_that_mattered_most_is_on_top():
    chart = setting_bars({"Batch size": 0.2, "Learning rate": 0.8}, PALETTE)
    assert list(chart.data["setting"]) == ["Learning rate", "Batch size"]
    assert "Learning rate 80%" in chart.alt

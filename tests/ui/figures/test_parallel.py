"""Trials as lines: where a value lies on its axis, and how good and bad ones are told apart."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from fmnist_ui.figures.chart import Palette
from fmnist_ui.figures.parallel import Axis, TrialLine, parallel_lines, setting_bars

PALETTE = Palette(*(["#102030"] * 7), series=("#102030",))
RATE = Axis("rate", "Learning rate", ((0, "0.0001"), (1, "0.01")), 1e-4, 1e-2, log=True)
BATCH = Axis("batch", "Batch size", ((0, "16"), (0.5, "32"), (1, "64")), choices=(16, 32, 64))


def lines(*scores: float, **values: Any) -> pd.DataFrame:
    tried = {"rate": 1e-3, "batch": 64, **values}
    trials = [TrialLine(number, tried, score) for number, score in enumerate(scores, start=1)]
    data = parallel_lines([RATE, BATCH], trials, PALETTE).data
    return data[data["kind"] == "line"]


def places(data: pd.DataFrame, axis: str) -> list[float]:
    return list(data[data["axis"] == axis].sort_values("trial")["place"])


def test_ratios_and_choices_are_spread_evenly() -> None:
    data = lines(0.8)
    assert places(data, "Learning rate") == [pytest.approx(0.5)]
    assert places(data, "Batch size") == [1.0]
    assert places(lines(0.8, batch=32), "Batch size") == [0.5]


def test_one_bad_trial_does_not_press_the_good_ones_together() -> None:
    worst, good, best = places(lines(0.1, 0.88, 0.91), "Validation")
    assert (worst, best) == (0.0, 1.0)
    assert good < 0.9


def test_trials_that_are_equally_good_are_drawn() -> None:
    assert places(lines(0.5, 0.5), "Validation") == [1.0, 1.0]
    assert places(lines(1.0), "Validation") == [1.0]


def test_the_setting_that_mattered_most_is_on_top() -> None:
    chart = setting_bars({"Batch size": 0.2, "Learning rate": 0.8}, PALETTE)
    assert list(chart.data["setting"]) == ["Learning rate", "Batch size"]
    assert "Learning rate 80%" in chart.alt

"""Several seeds with their mean and spread."""

from __future__ import annotations

import pytest

from fmnist_core.runs.history import EpochPoint, History
from fmnist_ui.figures.chart import Palette
from fmnist_ui.figures.live_curves import seed_curves

PALETTE = Palette("#111111", "#FFFFFF", "#DDDDDD", "#0000FF", "#FF8800", "#0A0", "#A00", ("#123",))


def history(*losses: float, epochs: int = 5) -> History:
    points = [EpochPoint(n + 1, v, 0.5, v, 0.5, 1e-3, 1.0) for n, v in enumerate(losses)]
    return History(epochs_done=tuple(points), epochs=epochs)


def test_a_thin_line_a_seed_and_a_mean_with_its_band() -> None:
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


def test_nothing_goes_below_what_a_logarithm_can_show() -> None:
    chart = seed_curves({0: history(0.0), 1: history(1.0)}, "loss", PALETTE)
    assert chart.data[["value", "low"]].min().min() > 0
    assert chart.data.isin([float("inf"), float("-inf")]).sum().sum() == 0


def test_only_the_data_grow() -> None:
    early = seed_curves({0: history(1.0), 1: History(epochs=5)}, "loss", PALETTE)
    late = seed_curves({0: history(1.0, 0.8), 1: history(1.1)}, "loss", PALETTE)
    assert early.spec == late.spec
    assert list(early.data.columns) == list(late.data.columns)
    assert early.data.dtypes.tolist() == late.data.dtypes.tolist()


def test_before_the_first_epoch_there_is_an_empty_chart() -> None:
    assert seed_curves({}, "accuracy", PALETTE).data.empty

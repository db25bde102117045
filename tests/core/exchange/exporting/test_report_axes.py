"""The axes of the report's charts: round numbers, few enough for a phone."""

import pytest

from fmnist_core.exchange.exporting.report.report import _Frame


def frame(epochs: int, low: float, high: float, *, shares: bool) -> _Frame:
    return _Frame({"training": [(1, low), (epochs, high)]}, shares=shares)


@pytest.mark.parametrize(
    ("low", "high", "shares", "words"),
    [
        (0.83, 0.94, True, ["84%", "86%", "88%", "90%", "92%", "94%"]),
        (0.2, 0.95, True, ["20%", "30%", "40%", "50%", "60%", "70%", "80%", "90%"]),
        (0.9, 0.904, True, ["90.0%", "90.1%", "90.2%", "90.3%", "90.4%"]),
        (0.44, 0.72, False, ["0.45", "0.50", "0.55", "0.60", "0.65", "0.70"]),
        (1.0, 30.0, False, ["0", "5", "10", "15", "20", "25", "30"]),
    ],
)
def test_values_are_round(low, high, shares, words):
    found = [text for _, text in frame(5, low, high, shares=shares).values]
    assert found[: len(words)] == words
    assert len(found) <= 8


@pytest.mark.parametrize(
    ("epochs", "named"),
    [(1, [1, 2]), (7, [1, 2, 3, 4, 5, 6, 7]), (30, [1, 5, 10, 15, 20, 25, 30]), (90, [1, 20, 40])],
)
def test_epochs_are_whole_and_begin_with_the_first(epochs, named):
    found = frame(epochs, 0.5, 0.9, shares=True).epochs
    assert found[: len(named)] == named
    assert found[-1] <= max(2, epochs)


def test_a_flat_line_of_one_epoch_has_an_axis():
    found = frame(1, 0.5, 0.5, shares=True)
    assert "50.0%" in [text for _, text in found.values]

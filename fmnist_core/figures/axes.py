"""The scales that all curves are drawn on."""

from __future__ import annotations

from typing import Any

# The fourth power gives most room to where networks differ (0.8 to 1) and still shows the whole way
# from guessing; the scale never moves, so a growing curve is not redrawn under the eye.
_ACCURACY_TICKS = [0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0]

# A few lines a decade: a logarithmic axis left to itself draws nine.
_LOSS_TICKS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10, 30, 100]


def stretched_accuracy_axis() -> dict[str, Any]:
    """The encoding's `scale` and `axis` for shares from 0 to 1, shown in per cent."""
    return {
        "type": "quantitative",
        "title": None,
        "scale": {"type": "pow", "exponent": 4, "domain": [0, 1], "clamp": True},
        "axis": {"values": _ACCURACY_TICKS, "format": ".0%", "labelOverlap": False},
    }


def accuracy_axis() -> dict[str, Any]:
    """Shares as far as the data go, for curves that stand still: the differences fill it."""
    return {
        "type": "quantitative",
        "title": None,
        "scale": {"zero": False, "nice": True},
        "axis": {"format": ".3~p", "tickCount": 6},
    }


def loss_axis() -> dict[str, Any]:
    """Logarithmic: a loss that halves goes down by the same step, early and late."""
    return {
        "type": "quantitative",
        "title": None,
        # Guessing among ten classes costs 2.3: the curve has its place from the first point on.
        "scale": {"type": "log", "nice": False, "domain": {"unionWith": [0.2, 2.5]}},
        "axis": {"values": _LOSS_TICKS, "format": "~g"},
    }


def rate_axis() -> dict[str, Any]:
    """Learning rates, from zero."""
    return {
        "type": "quantitative",
        "title": None,
        "scale": {"zero": True, "nice": True},
        "axis": {"format": "~g", "tickCount": 5},
    }


def epoch_axis(epochs: int) -> dict[str, Any]:
    """The whole run from the start on, so that what is to come has its place already."""
    step = max(1, round(epochs / 10))
    return {
        "type": "quantitative",
        "title": "epoch",
        "scale": {"domain": [0, max(1, epochs)], "nice": False},
        "axis": {"values": list(range(0, epochs + 1, step)), "format": "d", "grid": False},
    }

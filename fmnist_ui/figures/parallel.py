"""A sweep's trials as parallel coordinates, and how important each setting was."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from fmnist_ui.figures.chart import Chart, Palette, base_spec, mix

_COLUMNS = ["kind", "trial", "step", "axis", "place", "text", "score", "height", "note"]
_ACCURACY = "Validation"


@dataclass(frozen=True)
class Axis:
    """One setting: its title, and where each of its values lies, 0 (low) to 1 (high).

    Attributes:
        ticks: Place and text of what is written beside the axis.
    """

    path: str
    title: str
    ticks: tuple[tuple[float, str], ...]
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    choices: tuple[Any, ...] = ()

    def place(self, value: Any) -> float:
        """Where a value lies."""
        if self.choices:
            return self.choices.index(value) / max(1, len(self.choices) - 1)
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class TrialLine:
    """One trial: its number, its values by path, the accuracy it reached, and a word about it."""

    number: int
    values: Mapping[str, Any]
    score: float
    note: str = ""


def parallel_lines(
    axes: Sequence[Axis], trials: Sequence[TrialLine], palette: Palette, height: int = 340
) -> Chart:
    """A line a trial; the better, the stronger its colour. The last axis is the accuracy.

    Args:
        axes: In the order drawn.
        trials: At least one; the best is drawn boldest.
    """
    scores = [trial.score for trial in trials]
    limits = min(scores), max(scores)
    result = _result_axis(*limits)
    drawn = [*axes, result]
    rows = [row for axis in drawn for row in _tick_rows(axis)]
    for trial in sorted(trials, key=lambda trial: trial.score):
        rows += _line_rows(trial, axes, _height(trial.score, limits))
    data = pd.DataFrame(rows, columns=_COLUMNS)
    alt = f"{len(trials)} trials as lines through their settings to their validation accuracy."
    spec = _spec([axis.title for axis in drawn], palette, height)
    return Chart(data, spec, alt)


def _result_axis(low: float, high: float) -> Axis:
    ends = ((0.0, f"{100 * low:.1f}%"), (1.0, f"{100 * high:.1f}%"))
    return Axis("", _ACCURACY, ends if high > low else ends[1:])


def _height(score: float, scores: tuple[float, float]) -> float:
    """0 to 1 by the logarithm of the error: one bad trial must not press the good ones together."""
    worst, best, here = (math.log(max(1 - one, 1e-4)) for one in (*scores, score))
    return 1.0 if worst == best else (worst - here) / (worst - best)


def _tick_rows(axis: Axis) -> list[tuple[object, ...]]:
    return [
        ("tick", None, None, axis.title, place, text, None, None, "") for place, text in axis.ticks
    ]


def _line_rows(trial: TrialLine, axes: Sequence[Axis], height: float) -> list[tuple[object, ...]]:
    rest = (trial.score, height, trial.note)
    settings = [
        ("line", trial.number, step, axis.title, axis.place(value), _text(value), *rest)
        for step, axis in enumerate(axes)
        for value in [trial.values[axis.path]]
    ]
    reached = f"{100 * trial.score:.1f}%"
    return [*settings, ("line", trial.number, len(axes), _ACCURACY, height, reached, *rest)]


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _spec(titles: Sequence[str], palette: Palette, height: int) -> dict[str, Any]:
    across = {
        "field": "axis",
        "type": "nominal",
        "sort": list(titles),
        "title": None,
        "scale": {"type": "point", "padding": 0.35},
        "axis": {"orient": "top", "labelAngle": 0, "grid": True, "domain": False, "ticks": False},
    }
    up = {
        "field": "place",
        "type": "quantitative",
        "scale": {"domain": [-0.03, 1.03], "nice": False},
        "axis": None,
    }
    return {
        **base_spec(palette, height),
        "encoding": {"x": across, "y": up},
        "layer": [_lines(palette), _points(palette), _ticks(palette)],
    }


def _lines(palette: Palette) -> dict[str, Any]:
    pointed = {"param": "pointed", "empty": False}
    best = "datum.height >= 1"
    return {
        "transform": [{"filter": "datum.kind == 'line'"}],
        "mark": {"type": "line", "strokeJoin": "round"},
        "encoding": {
            "detail": {"field": "trial"},
            "order": {"field": "step", "type": "quantitative"},
            "color": _colour(palette),
            "strokeWidth": {
                "condition": [{**pointed, "value": 4}, {"test": best, "value": 3.5}],
                "value": 1.5,
            },
            "opacity": {
                "condition": [{**pointed, "value": 1}, {"test": best, "value": 1}],
                "value": 0.75,
            },
        },
    }


def _colour(palette: Palette) -> dict[str, Any]:
    weak = mix(palette.background, palette.text, 0.3)
    scale = {"domain": [0, 1], "range": [weak, palette.accent], "interpolate": "rgb"}
    return {"field": "height", "type": "quantitative", "scale": scale, "legend": None}


def _points(palette: Palette) -> dict[str, Any]:
    nearest = {"type": "point", "fields": ["trial"], "on": "pointerover", "nearest": True}
    return {
        "transform": [{"filter": "datum.kind == 'line'"}],
        "params": [{"name": "pointed", "select": {**nearest, "clear": "pointerout"}}],
        "mark": {"type": "point", "filled": True, "size": 42, "opacity": 1},
        "encoding": {
            "color": _colour(palette),
            "tooltip": [
                {"field": "trial", "type": "quantitative", "title": "trial"},
                {"field": "axis", "title": " "},
                {"field": "text", "title": "value"},
                {"field": "score", "title": "validation accuracy", "format": ".2%"},
                {"field": "note", "title": "state"},
            ],
        },
    }


def _ticks(palette: Palette) -> dict[str, Any]:
    return {
        "transform": [{"filter": "datum.kind == 'tick'"}],
        "mark": {
            "type": "text",
            "align": "left",
            "dx": 7,
            "fontSize": 11,
            "color": palette.text,
            "opacity": 0.75,
        },
        "encoding": {"text": {"field": "text"}},
    }


def setting_bars(shares: Mapping[str, float], palette: Palette) -> Chart:
    """The settings' shares of what made a difference, the largest on top.

    Args:
        shares: Title of each setting, and its share; together 1.
    """
    order = sorted(shares, key=lambda title: -shares[title])
    data = pd.DataFrame([(title, shares[title]) for title in order], columns=["setting", "share"])
    axis = {"domain": False, "ticks": False, "grid": False, "labelLimit": 140}
    down = {"field": "setting", "type": "nominal", "sort": order, "title": None, "axis": axis}
    across = {
        "field": "share",
        "type": "quantitative",
        "title": "relative importance",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "tickCount": 4},
    }
    spec = {
        **base_spec(palette, 40 * max(1, len(order)) + 44),
        "mark": {"type": "bar", "cornerRadius": 2, "color": palette.accent, "height": 18},
        "encoding": {
            "y": down,
            "x": across,
            "tooltip": [
                {"field": "setting", "title": " "},
                {"field": "share", "title": "share", "format": ".0%"},
            ],
        },
    }
    said = ", ".join(f"{title} {share:.0%}" for title, share in shares.items())
    return Chart(data, spec, f"Relative importance of each setting: {said}.")

"""What the temperature does to how believable a network is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from fmnist_core.evaluation.temperature import Tempered
from fmnist_core.figures.chart import Chart, base_spec
from fmnist_core.figures.palette import Palette

_TICKS = [0.25, 0.5, 1, 2, 4]


def temperature_curve(
    sweep: Sequence[Tempered],
    chosen: float,
    fitted: float | None,
    palette: Palette,
    height: int = 200,
) -> Chart:
    """Calibration error over temperature, with the chosen and the fitted one marked.

    Args:
        sweep: By rising temperature.
        chosen: Where the slider stands.
        fitted: The optimum on validation images, None where there is none.
    """
    rows = [(each.temperature, each.error, each.loss) for each in sweep]
    data = pd.DataFrame(rows, columns=["temperature", "error", "loss"])
    marks = [("chosen", chosen)] + ([] if fitted is None else [("fitted on validation", fitted)])
    line = {
        "mark": {"type": "line", "strokeWidth": 2.5, "color": palette.accent, "point": False},
        "encoding": {"y": _error(), "tooltip": _tooltip()},
    }
    spec = {
        **base_spec(palette, height),
        "encoding": {"x": _temperature()},
        "layer": [_rules(marks, palette), line],
    }
    return Chart(data, spec, "Expected calibration error over temperature.")


def _temperature() -> dict[str, Any]:
    return {
        "field": "temperature",
        "type": "quantitative",
        "title": "temperature",
        "scale": {"type": "log", "nice": False, "domain": [_TICKS[0], _TICKS[-1]]},
        "axis": {"values": _TICKS, "format": "~g", "grid": False},
    }


def _error() -> dict[str, Any]:
    return {
        "field": "error",
        "type": "quantitative",
        "title": "calibration error",
        "scale": {"zero": True, "nice": True},
        "axis": {"format": ".0%", "tickCount": 4},
    }


def _rules(marks: Sequence[tuple[str, float]], palette: Palette) -> dict[str, Any]:
    values = [{"what": what, "temperature": where} for what, where in marks]
    names = {"domain": ["chosen", "fitted on validation"]}
    return {
        "data": {"values": values},
        "mark": {"type": "rule", "strokeWidth": 2},
        "encoding": {
            "color": {
                "field": "what",
                "type": "nominal",
                "scale": {**names, "range": [palette.text, palette.good]},
            },
            "strokeDash": {
                "field": "what",
                "type": "nominal",
                "scale": {**names, "range": [[1, 0], [6, 4]]},
            },
        },
    }


def _tooltip() -> list[dict[str, Any]]:
    return [
        {"field": "temperature", "title": "temperature", "format": ".2f"},
        {"field": "error", "title": "calibration error", "format": ".2%"},
        {"field": "loss", "title": "loss", "format": ".4f"},
    ]

"""Several seeds of one configuration: a thin line each, their mean, and their spread as a band.

As with the curves of one run, only the data grow while they train.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from fmnist_core.evaluation import finite, seed_course
from fmnist_core.figures.axes import accuracy_axis, epoch_axis, loss_axis
from fmnist_core.figures.chart import Chart, base_spec
from fmnist_core.figures.palette import Palette
from fmnist_core.runs.history import History

_COLUMNS = ["x", "value", "low", "high", "seed", "seeds", "deviation", "kind"]
# A logarithmic axis has no place for nothing, nor for a band that reaches below it.
_LEAST = 1e-4
_NUMBERS = dict.fromkeys(("x", "value", "low", "high", "seeds", "deviation"), "float64")


def seed_curves(
    histories: Mapping[int, History], field: str, palette: Palette, height: int = 320
) -> Chart:
    """`field` per epoch, with mean ± one standard deviation where two seeds or more have come.

    Args:
        histories: By seed.
        field: `accuracy`, `loss`, `val_accuracy` or `val_loss`.
    """
    epochs = max((history.epochs for history in histories.values()), default=1)
    share = field.endswith("accuracy")
    axis = accuracy_axis() if share else loss_axis()
    colour = palette.second if field.startswith("val_") else palette.accent
    spec = {
        **base_spec(palette, height),
        "encoding": {"x": {"field": "x", **epoch_axis(epochs)}},
        "layer": _layers(axis, colour, ".2%" if share else ".3f"),
    }
    alt = f"{_title(field)} of {len(histories)} seeds over the epochs, with mean and spread."
    return Chart(_rows(histories, field), spec, alt)


def _title(field: str) -> str:
    who = "Validation" if field.startswith("val_") else "Training"
    return f"{who} {field.removeprefix('val_')}"


def _layers(axis: dict[str, Any], colour: str, form: str) -> list[dict[str, Any]]:
    def layer(kind: str, mark: dict[str, Any], **encoding: Any) -> dict[str, Any]:
        filters = [{"filter": {"field": "kind", "equal": kind}}]
        return {
            "transform": filters,
            "mark": {"clip": True, "color": colour, **mark},
            "encoding": encoding,
        }

    value = {"field": "value", **axis}
    # The lines of single seeds share one colour: their spread is the matter, not which is which.
    detail = {"field": "seed", "type": "nominal"}
    epoch = {"field": "x", "type": "quantitative", "title": "epoch"}
    number = {"field": "value", "type": "quantitative", "format": form}
    seed = [{**detail, "title": "seed"}, epoch, {**number, "title": "value"}]
    deviation = {"field": "deviation", "type": "quantitative", "format": form}
    mean = [
        epoch,
        {**number, "title": "mean"},
        {**deviation, "title": "standard deviation"},
        {"field": "seeds", "type": "quantitative", "title": "seeds"},
    ]
    return [
        layer(
            "mean",
            {"type": "area", "opacity": 0.2},
            y={**axis, "field": "low"},
            y2={"field": "high"},
        ),
        layer("seed", {"type": "line", "strokeWidth": 1, "opacity": 0.45}, y=value, detail=detail),
        layer(
            "seed",
            {"type": "point", "filled": True, "size": 18, "opacity": 0.6},
            y=value,
            tooltip=seed,
        ),
        layer("mean", {"type": "line", "strokeWidth": 3}, y=value),
        layer(
            "mean",
            {"type": "point", "filled": True, "size": 52, "opacity": 1},
            y=value,
            tooltip=mean,
        ),
    ]


def _rows(histories: Mapping[int, History], field: str) -> pd.DataFrame:
    rows: list[tuple[Any, ...]] = []
    for seed, history in histories.items():
        for point in history.epochs_done:
            value = finite(point, field)
            if value is not None:
                shown = max(value, _LEAST)
                rows.append((point.epoch, shown, None, None, str(seed), None, None, "seed"))
    for one in seed_course(histories.values(), field):
        mean, deviation = one.spread.mean, one.spread.deviation or 0.0
        low, high = max(mean - deviation, _LEAST), mean + deviation
        rows.append((one.epoch, mean, low, high, "", one.spread.n, deviation, "mean"))
    return pd.DataFrame(rows, columns=_COLUMNS).astype(_NUMBERS)

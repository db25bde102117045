"""A table of data: what each column is called, how its values are written, which rows are ticked.

Shares are per cent with at most two decimals, counts have thousands apart, other numbers the digits
that mean something. Numbers are on the right, words on the left; what is unknown is a dash.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import streamlit as st

# How values are written; any other format is that of one number, such as `%.3f`. `WRITTEN` are
# numbers that are text already, such as an interval.
TEXT, WRITTEN, TAGS, CURVE, MOMENT = "text", "written", "tags", "curve", "moment"
SHARE, COUNT = "percent", "localized"

_MOST_ROWS = 16
_ROW, _HEAD, _BORDER = 36, 38, 2


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        label: Above it; no other column of the table has it.
        values: One a row; None where it is unknown.
        form: One of the above, or a format.
        help: What the label means.
        width: In pixels; 0 for what fits.
        pinned: Whether it stays in view while the others are scrolled.
    """

    label: str
    values: Sequence[Any]
    form: str = TEXT
    help: str = ""
    width: int = 0
    pinned: bool = False


def data_table(
    columns: Sequence[Column],
    *,
    alt: str,
    key: str | None = None,
    selection: Literal["single-row"] | None = None,
    ticked: Collection[int] = (),
    most_rows: int = _MOST_ROWS,
) -> list[int]:
    """Draws the table.

    Args:
        alt: What it holds, for those who do not see it.
        selection: How many rows can be ticked; None for none.
        ticked: Rows that are ticked at first.
        most_rows: As many are in view at once.

    Returns:
        The rows that are ticked.
    """
    more: dict[str, Any] = {}
    if selection is not None:
        chosen = {"selection": {"rows": sorted(ticked)}}
        more = {"on_select": "rerun", "selection_mode": selection, "selection_default": chosen}
    event = _draw(columns, alt, key, most_rows, more)
    return _within(event.selection.rows, columns) if selection else []


@dataclass(frozen=True)
class Picked:
    """What a person did with a work table: the rows that are ticked, and the one clicked last."""

    ticked: list[int]
    clicked: int | None


def work_table(
    columns: Sequence[Column],
    *,
    alt: str,
    key: str,
    ticked: Collection[int] = (),
    clicked: int | None = None,
    most_rows: int = _MOST_ROWS,
) -> Picked:
    """Draws a table whose rows are opened by a click and compared by their ticks.

    Args:
        ticked, clicked: What is chosen at first.
    """
    cells = [] if clicked is None else [(clicked, columns[0].label)]
    more = {
        "on_select": "rerun",
        "selection_mode": ["multi-row", "single-cell"],
        "selection_default": {"selection": {"rows": sorted(ticked), "cells": cells}},
    }
    selection = _draw(columns, alt, key, most_rows, more).selection
    opened = _within([row for row, _ in selection.cells], columns)
    return Picked(_within(selection.rows, columns), opened[0] if opened else None)


def _within(rows: Iterable[int], columns: Sequence[Column]) -> list[int]:
    """Without those of a longer table before."""
    return [row for row in rows if row < len(columns[0].values)]


def _draw(
    columns: Sequence[Column], alt: str, key: str | None, most_rows: int, more: dict[str, Any]
) -> Any:
    count = len(columns[0].values) if columns else 0
    return st.dataframe(
        pd.DataFrame({column.label: _cells(column) for column in columns}),
        key=key,
        hide_index=True,
        row_height=_ROW,
        height=_HEAD + _ROW * min(count, most_rows) + _BORDER,
        column_config={column.label: _config(column) for column in columns},
        placeholder="—",
        alt=alt,
        **more,
    )


def _cells(column: Column) -> Any:
    if column.form == COUNT:
        return pd.array(list(column.values), dtype="Int64")
    if column.form == MOMENT:
        return pd.to_datetime(list(column.values))
    if column.form in (TEXT, WRITTEN, TAGS, CURVE):
        return pd.Series(list(column.values), dtype=object)
    return pd.Series(list(column.values), dtype="float64")


def _config(column: Column) -> Any:
    kinds = st.column_config
    common: dict[str, Any] = {
        "help": column.help or None,
        "width": column.width or None,
        "pinned": column.pinned or None,
    }
    if column.form in (TEXT, WRITTEN):
        return kinds.TextColumn(alignment="left" if column.form == TEXT else "right", **common)
    if column.form == TAGS:
        return kinds.ListColumn(**common)
    if column.form == MOMENT:
        return kinds.DatetimeColumn(format="D MMM, HH:mm", **common)
    if column.form == CURVE:
        # One scale for all rows, so that their curves can be compared.
        low, high = _scale(column.values)
        return kinds.LineChartColumn(y_min=low, y_max=high, **common)
    return kinds.NumberColumn(format=column.form, **common)


def _scale(curves: Sequence[Sequence[float | None] | None]) -> tuple[float, float]:
    points = [
        point
        for curve in curves
        for point in curve or ()
        if point is not None and math.isfinite(point)
    ]
    low, high = min(points, default=0.0), max(points, default=1.0)
    # A browser draws nothing on a scale without extent: a flat line lies in the middle.
    return (low, high) if low < high else (low - 0.5, high + 0.5)

"""A table of data: what each column is called, how its values are written, which rows are ticked.

Shares are per cent with at most two decimals, counts have thousands apart, other numbers the digits
that mean something. Numbers are on the right, words on the left; what is unknown is a dash.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
    selection: Literal["single-row", "multi-row"] | None = None,
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
    count = len(columns[0].values) if columns else 0
    more: dict[str, Any] = {}
    if selection is not None:
        chosen = {"selection": {"rows": sorted(ticked)}}
        more = {"on_select": "rerun", "selection_mode": selection, "selection_default": chosen}
    event: Any = st.dataframe(
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
    return [row for row in event.selection.rows if row < count] if selection else []


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
        points = [point for curve in column.values for point in curve] or [0.0, 1.0]
        return kinds.LineChartColumn(y_min=min(points), y_max=max(points), **common)
    return kinds.NumberColumn(format=column.form, **common)

"""The table of all runs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from fmnist_core.runs.library import RunSummary
from fmnist_ui.results.words import preset_title
from fmnist_ui.words import state_words

_MOST_ROWS = 14
_ROW, _HEAD = 36, 38
_SHORT = {"fashion-mnist": "Fashion-MNIST", "synthetic-garments": "Synthetic"}


def show(runs: Sequence[RunSummary], key: str) -> list[RunSummary]:
    """Draws the table; returns the runs whose rows are ticked."""
    remembered = f"{key}/ticked"
    ticked = set(st.session_state.get(remembered, ()))
    rows = [index for index, run in enumerate(runs) if run.id in ticked]
    event: Any = st.dataframe(
        _frame(runs),
        key=f"{key}-{_order(runs)}",
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": rows}},
        hide_index=True,
        column_config=_columns(),
        row_height=_ROW,
        height=_HEAD + _ROW * min(len(runs), _MOST_ROWS) + 2,
        placeholder="—",
        alt="All runs with their data, size, time and accuracy.",
    )
    chosen = [runs[index] for index in event.selection.rows if index < len(runs)]
    st.session_state[remembered] = [run.id for run in chosen]
    return chosen


def _order(runs: Sequence[RunSummary]) -> str:
    # Rows are ticked by number: when a run comes or goes, a new table takes over what was ticked.
    return hashlib.sha256("\n".join(run.id for run in runs).encode()).hexdigest()[:12]


def _frame(runs: Sequence[RunSummary]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": [run.name for run in runs],
            "state": [_state(run) for run in runs],
            "data": [_SHORT.get(run.data, run.data) for run in runs],
            "preset": [preset_title(run) for run in runs],
            "parameters": pd.array([run.parameters for run in runs], dtype="Int64"),
            "seconds": [run.seconds if run.seconds else None for run in runs],
            "validation": [run.best_validation_accuracy for run in runs],
            "test": [run.test_accuracy for run in runs],
            "tags": [list(run.tags) for run in runs],
            "created": [datetime.fromtimestamp(run.created) for run in runs],
        }
    ).astype({"seconds": "float64", "validation": "float64", "test": "float64"})


def _state(run: RunSummary) -> str:
    words = state_words(run.state).in_text
    return f"{words} {run.epoch}/{run.epochs}" if run.active and run.epochs else words


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "name": column.TextColumn("Name", width=164),
        "state": column.TextColumn("State", width=106),
        "data": column.TextColumn("Data", width=112, help="Which images it learned from."),
        "preset": column.TextColumn("Preset", width=90),
        "parameters": column.NumberColumn("Parameters", width=92, format="localized"),
        "seconds": column.NumberColumn("Seconds", width=72, format="%.0f", help="Spent training."),
        "validation": column.NumberColumn(
            "Validation",
            width=84,
            format="percent",
            help="Best accuracy on images held back from training.",
        ),
        "test": column.NumberColumn(
            "Test", width=70, format="percent", help="Accuracy on the test images."
        ),
        "tags": column.ListColumn("Tags", width=124),
        "created": column.DatetimeColumn("Created", width=110, format="D MMM, HH:mm"),
    }

"""All trials of a sweep in a table; a ticked one can be opened."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from fmnist_core.sweeps import Sweep, Trial
from fmnist_ui.sweeps.best import show_next_steps, show_problem
from fmnist_ui.sweeps.words import trial_words, value_words
from fmnist_ui.train.words import path_words
from fmnist_ui.words import duration

_MOST_ROWS = 14
_ROW, _HEAD = 36, 38


def show_trials(sweep: Sweep) -> None:
    """A row a trial in the order in which they were begun."""
    if not sweep.trials or sweep.config is None:
        return
    paths = [one.field for one in sweep.config.dimensions]
    trials = sweep.trials
    event: Any = st.dataframe(
        _frame(trials, paths),
        key=f"sweep_trials_{sweep.id}",
        on_select="rerun",
        selection_mode="single-row",
        hide_index=True,
        row_height=_ROW,
        height=_HEAD + _ROW * min(len(trials), _MOST_ROWS) + 2,
        column_config=_columns(trials, paths),
        placeholder="—",
        alt="All trials with their settings, state and validation accuracy.",
    )
    chosen = [trials[row] for row in event.selection.rows if row < len(trials)]
    for trial in chosen:
        show_problem(trial)
        if trial.run_id:
            st.markdown(f"**Trial {trial.number}**")
            show_next_steps(sweep, trial, "chosen")


def _frame(trials: tuple[Trial, ...], paths: list[str]) -> pd.DataFrame:
    settings = {
        path_words(path): [_value(trial.values[path]) for trial in trials] for path in paths
    }
    frame = pd.DataFrame(
        {
            "Trial": [trial.number for trial in trials],
            "State": [trial_words(trial) for trial in trials],
            "Validation": [trial.score for trial in trials],
            "Curve": [list(trial.accuracies) for trial in trials],
            **settings,
            "Epochs": [_epochs(trial) for trial in trials],
            "Time": [duration(trial.seconds) if trial.seconds else None for trial in trials],
        }
    )
    return frame.astype({"Validation": "float64"})


def _value(value: Any) -> Any:
    return value if type(value) in (int, float) else value_words(value)


def _epochs(trial: Trial) -> str | None:
    return f"{len(trial.accuracies)}/{trial.epochs}" if trial.epochs else None


def _columns(trials: tuple[Trial, ...], paths: list[str]) -> dict[str, Any]:
    column = st.column_config
    reached = [accuracy for trial in trials for accuracy in trial.accuracies] or [0.0, 1.0]
    numbers = [path for path in paths if type(trials[0].values[path]) in (int, float)]
    return {
        **{path_words(path): column.NumberColumn(format="%.4g") for path in numbers},
        "Trial": column.NumberColumn(width=56),
        "State": column.TextColumn(width=124),
        "Validation": column.NumberColumn(
            width=92, format="percent", help="Accuracy on the images held back from training."
        ),
        "Epochs": column.TextColumn(width=72),
        "Curve": column.LineChartColumn(
            width=130, y_min=min(reached), y_max=max(reached), help="After each epoch."
        ),
        "Time": column.TextColumn(width=90),
    }

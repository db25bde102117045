"""Trials as lines through their settings, and which settings made a difference."""

from __future__ import annotations

import streamlit as st

from fmnist_core.figures.parallel import Axis, TrialLine, parallel_lines
from fmnist_core.figures.setting_bars import setting_bars
from fmnist_core.sweeps import DimensionConfig, Sweep
from fmnist_core.sweeps.advisor import TRIALS_FOR_IMPORTANCE
from fmnist_ui.charts import palette, show_chart
from fmnist_ui.sweeps.words import trial_words, value_words
from fmnist_ui.train.words import path_words

_TRIALS_FOR_LINES = 3


def show_pictures(sweep: Sweep) -> None:
    """Both figures beside each other; until there are enough trials, what is still missing."""
    if sweep.config is None or (not sweep.active and len(sweep.judged) < _TRIALS_FOR_LINES):
        return
    # Where only one setting varies, all of the difference is its own.
    several = len(sweep.config.dimensions) > 1
    wide, narrow = st.columns([3, 2], gap="medium") if several else (st.container(), None)
    with wide, st.container(border=True, height="stretch"):
        st.markdown("**Trials, line by line**")
        _show_lines(sweep)
    if narrow is None:
        return
    with narrow, st.container(border=True, height="stretch"):
        st.markdown("**What made a difference**")
        _show_importance(sweep)


def _show_lines(sweep: Sweep) -> None:
    assert sweep.config is not None
    judged = sweep.judged
    if len(judged) < _TRIALS_FOR_LINES:
        st.caption(f"Appears after {_TRIALS_FOR_LINES} trials; {len(judged)} are over.")
        return
    lines = [
        TrialLine(trial.number, trial.values, trial.score or 0.0, trial_words(trial))
        for trial in judged
    ]
    axes = [_axis(one) for one in sweep.config.dimensions]
    show_chart(parallel_lines(axes, lines, palette()), key="sweep_lines")
    st.caption("A line is a trial; the stronger its colour, the better. The best is boldest.")


def _axis(one: DimensionConfig) -> Axis:
    title = path_words(one.field)
    if one.choices:
        bare = Axis(one.field, title, (), choices=one.choices)
        values = one.choices
    else:
        bare = Axis(one.field, title, (), one.low, one.high, one.log)
        middle = float(f"{one.value_at(0.5):.2g}")
        values = (one.low, middle, one.high)
    ticks = tuple((bare.place(value), value_words(value)) for value in values)
    return Axis(bare.path, title, ticks, bare.low, bare.high, bare.log, bare.choices)


def _show_importance(sweep: Sweep) -> None:
    if not sweep.importance:
        counted = len(sweep.judged)
        st.caption(
            f"Appears after {TRIALS_FOR_IMPORTANCE} trials; {counted} are over."
            if counted < TRIALS_FOR_IMPORTANCE
            else "The trials do not differ, so nothing can be said."
        )
        return
    shares = {path_words(path): share for path, share in sweep.importance.items()}
    show_chart(setting_bars(shares, palette()), key="sweep_importance")
    st.caption(
        f"From {len(sweep.judged)} trials within the ranges tried: a hint, not a law. "
        "Method: PED-ANOVA."
    )

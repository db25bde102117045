"""How far several seeds are, in figures and curves."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from fmnist_core.engine.client import engine_status
from fmnist_core.evaluation import Repeats, Spread, seed_course
from fmnist_core.figures.seed_curves import seed_curves
from fmnist_core.runs.history import History
from fmnist_core.runs.outlook import seconds_until_done
from fmnist_core.settings import load_settings
from fmnist_ui.charts import palette, show_chart
from fmnist_ui.words import duration, percent


def show_seed_figures(found: Repeats, histories: Mapping[int, History]) -> None:
    """Progress over all seeds, then mean and spread so far."""
    if found.active:
        _show_progress(found, histories)
    with st.container(horizontal=True, gap="medium"):
        for label, value in _figures(found, histories):
            st.metric(label, value, width="content")


def show_seed_curves(histories: Mapping[int, History]) -> None:
    """Accuracy and loss side by side; nothing before the first epoch."""
    begun = {seed: history for seed, history in histories.items() if history.epochs_done}
    if not begun:
        return
    held = any(
        point.val_accuracy is not None for one in begun.values() for point in one.epochs_done
    )
    who, prefix = ("Validation", "val_") if held else ("Training", "")
    colours = palette()
    columns = st.container(key="seed_curves").columns(2, gap="medium")
    for column, name in zip(columns, ("accuracy", "loss"), strict=True):
        with column:
            st.markdown(f"**{who} {name}**")
            show_chart(seed_curves(begun, f"{prefix}{name}", colours), f"seeds_{name}")
    st.caption(
        "A thin line a seed; thick, their mean; the band, one standard deviation to each side."
    )


def _show_progress(found: Repeats, histories: Mapping[int, History]) -> None:
    shares = [1.0 if not run.active else histories[run.seed].progress for run in found.runs]
    words = f"{len(found.counted)} of {len(found.runs)} seeds done"
    st.progress(sum(shares) / len(shares), text=words + _left(found, histories))


def _left(found: Repeats, histories: Mapping[int, History]) -> str:
    waiting = {run.seed for run in found.waiting}
    begun = [history for seed, history in histories.items() if seed not in waiting]
    slots = engine_status(load_settings()).slots
    seconds = seconds_until_done(begun, len(waiting), slots)
    return "" if seconds is None else f", about {duration(seconds)} left"


def _figures(found: Repeats, histories: Mapping[int, History]) -> list[tuple[str, str]]:
    group = found.group
    if group is None or (group.spread.n < 2 and found.active):
        return _so_far(histories)
    shown = [("Seeds counted", str(group.spread.n))]
    if group.validation:
        shown.append(("Best validation, mean ± SD", mean_and_spread(group.validation)))
    if not found.active:
        shown.append(("Test, mean ± SD", mean_and_spread(group.spread)))
    return shown


def _so_far(histories: Mapping[int, History]) -> list[tuple[str, str]]:
    """Before two seeds have ended: how they stand at the last epoch that two have completed."""
    course = seed_course(histories.values(), "val_accuracy")
    if not course:
        return []
    last = course[-1]
    label = f"Validation after epoch {last.epoch}, {last.spread.n} seeds, mean ± SD"
    return [(label, mean_and_spread(last.spread))]


def mean_and_spread(spread: Spread) -> str:
    """Such as "91.23 ± 0.21 %"."""
    if spread.deviation is None:
        return percent(spread.mean, 2)
    return f"{100 * spread.mean:.2f} ± {percent(spread.deviation, 2)}"

"""Runs that differ only in their seed, as one entry with mean and spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import pandas as pd
import streamlit as st

from fmnist_core.errors import DataError
from fmnist_core.evaluation import Repeats, SeedGroup, Spread
from fmnist_ui.page_errors import plain
from fmnist_ui.results import seed_verdict
from fmnist_ui.results.words import spanning
from fmnist_ui.train.seed_figures import mean_and_spread
from fmnist_ui.words import UNKNOWN, data_title, percent, state_words


def show(groups: Sequence[SeedGroup], key: str) -> None:
    """A line a configuration; two of them are compared in words where that can be done."""
    if not groups:
        st.caption("Only runs that trained to their end count as seeds of a configuration.")
        return
    names = _names(groups)
    _show_table(groups, names, key)
    if len(groups) == 2:
        _compare(groups[0], groups[1], names)
    elif all(group.spread.n == 1 for group in groups):
        st.caption(
            "One seed each: how far the next one would fall from it is not known. *Repeat with "
            "more seeds* trains it again with other random numbers."
        )


def _names(groups: Sequence[SeedGroup]) -> list[str]:
    count = Counter(group.name for group in groups)
    return [
        group.name if count[group.name] == 1 else f"{group.name} · {group.runs[0].id[-4:]}"
        for group in groups
    ]


def _show_table(groups: Sequence[SeedGroup], names: Sequence[str], key: str) -> None:
    spreads = [group.spread for group in groups]
    frame = pd.DataFrame(
        {
            "Configuration": names,
            "Seeds": [spread.n for spread in spreads],
            "Validation": [_mean_and_deviation(group.validation) for group in groups],
            "Mean": [percent(spread.mean, 2) for spread in spreads],
            "Spread (SD)": [_points_of(spread.deviation) for spread in spreads],
            "Least to greatest": [spanning(spread.limits, 2) for spread in spreads],
            "Mean lies in": [_interval(spread.interval) for spread in spreads],
            "Which": [", ".join(str(run.seed) for run in group.runs) for group in groups],
            "Data": [data_title(group.data) for group in groups],
        }
    )
    st.dataframe(
        frame,
        key=key,
        hide_index=True,
        height=38 + 35 * len(frame) + 2,
        column_config={
            "Configuration": st.column_config.TextColumn(pinned=True),
            "Validation": st.column_config.TextColumn(
                help="Mean and standard deviation of the best validation accuracies: to choose by."
            ),
            "Mean": st.column_config.TextColumn(help="Of the test accuracies: to report."),
            "Spread (SD)": st.column_config.TextColumn(
                help="Standard deviation from seed to seed, in percentage points."
            ),
            "Mean lies in": st.column_config.TextColumn(
                help="95 % interval of the mean of endlessly many seeds on these test images "
                "(Student's t)."
            ),
        },
        alt="Configurations with the mean and spread of their seeds' test accuracies.",
    )


def _mean_and_deviation(spread: Spread | None) -> str:
    return UNKNOWN if spread is None else mean_and_spread(spread)


def _points_of(deviation: float | None) -> str:
    return UNKNOWN if deviation is None else f"{100 * deviation:.2f}"


def _interval(interval: tuple[float, float] | None) -> str:
    return UNKNOWN if interval is None else spanning(interval, 2)


def say_lost(found: Iterable[Repeats]) -> None:
    """Runs of the same configurations that count for nothing, and why."""
    for each in found:
        lost = [f"seed {run.seed} ({state_words(run.state).word})" for run in each.lost]
        if lost:
            st.caption(f"Not counted of {plain(each.name)}: {', '.join(lost)}.")


def _compare(first: SeedGroup, second: SeedGroup, names: Sequence[str]) -> None:
    if (first.data, first.fingerprint) != (second.data, second.fingerprint):
        st.warning(
            "These configurations were tried on different images: their means cannot be compared.",
            icon=":material/balance:",
        )
        return
    try:
        seed_verdict.show(first, second, (plain(names[0]), plain(names[1])))
    except DataError as error:
        st.info(
            f"**Too few seeds to tell.** {error.rule} Here: {error.received}.",
            icon=":material/casino:",
        )

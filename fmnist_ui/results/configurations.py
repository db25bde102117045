"""Two configurations, A and B, compared by their seeds."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.evaluation import SeedGroup, group_of, repeats_of, seed_groups
from fmnist_core.runs.library import RunSummary, list_runs
from fmnist_core.settings import load_settings
from fmnist_ui.page_errors import plain
from fmnist_ui.results import seeds
from fmnist_ui.train.repeat import show_repeat
from fmnist_ui.words import percent


def show(run: RunSummary, other: RunSummary | None) -> None:
    """The configuration of `run` against one that is chosen: a table, and the verdict in words.

    Args:
        other: Its configuration is offered first.
    """
    runs = list_runs(load_settings())
    mine = group_of(run, runs)
    if mine is None:
        seeds.show([], key="versus_seeds")
        return
    theirs = _choose(mine, other, runs)
    chosen = [mine] if theirs is None else [mine, theirs]
    seeds.show(chosen, key="versus_seeds")
    seeds.say_lost(repeats_of(group.runs[0], runs) for group in chosen)
    with st.container(horizontal=True, gap="small"):
        for letter, group in zip("AB", chosen, strict=False):
            which = f"{letter} " if len(chosen) > 1 else ""
            show_repeat(group.runs[0].id, f"Repeat {which}with more seeds")


def _choose(
    mine: SeedGroup, other: RunSummary | None, runs: Sequence[RunSummary]
) -> SeedGroup | None:
    """A select box of the other configurations tried on the same images; None without any."""
    others = {
        group.runs[0].id: group
        for group in seed_groups(runs)
        if group.runs != mine.runs
        and (group.data, group.fingerprint) == (mine.data, mine.fingerprint)
    }
    if not others:
        return None
    first = group_of(other, runs) if other is not None else None
    ids = list(others)
    preferred = first.runs[0].id if first and first.runs[0].id in others else ids[0]
    chosen = st.selectbox(
        f"A is {plain(mine.name)}. B is",
        ids,
        index=ids.index(preferred),
        format_func=lambda run_id: _line(others[run_id]),
        key=f"configurations/{mine.runs[0].id}/{preferred}",
    )
    return others.get(chosen) or others[preferred]


def _line(group: SeedGroup) -> str:
    count = group.spread.n
    words = f"{count} seeds" if count > 1 else "1 seed"
    mean = percent((group.validation or group.spread).mean, 2)
    return f"{group.name}  ·  {words}  ·  {mean}"

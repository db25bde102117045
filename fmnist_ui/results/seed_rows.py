"""Several seeds of one configuration as one row of the table of runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from fmnist_core.evaluation import Repeats, repeats
from fmnist_core.runs.library import RunSummary

# What a row of several runs is called: what needs looking at comes first.
_STATES = ("running", "paused", "queued", "failed", "crashed", "stopped", "finished")


@dataclass(frozen=True)
class Row:
    """What the table shows, and the runs that it stands for."""

    shown: RunSummary
    runs: tuple[RunSummary, ...]


def choose_rows(runs: Sequence[RunSummary]) -> list[Row]:
    """A row a run or, where the person wants it so, one for all seeds of a configuration."""
    several = [found for found in repeats(runs) if len(found.runs) > 1]
    if not several:
        return [Row(run, (run,)) for run in runs]
    as_one = st.toggle(
        "Seeds as one row",
        key="seeds_as_one",
        help="Runs that differ only in the seed: mean accuracies of those that trained to their "
        "end, seconds of all.",
        persist_state="session",
    )
    return _grouped(runs, several) if as_one else [Row(run, (run,)) for run in runs]


def _grouped(runs: Sequence[RunSummary], several: Sequence[Repeats]) -> list[Row]:
    place = {run.id: found for found in several for run in found.runs}
    rows: dict[str, Row] = {}
    for run in runs:
        found = place.get(run.id)
        if found is None:
            rows[run.id] = Row(run, (run,))
        else:
            first = found.runs[0].id
            rows.setdefault(first, Row(_as_one(found), found.runs))
    return list(rows.values())


def _as_one(found: Repeats) -> RunSummary:
    """A summary that stands for all: means of what is counted, the state that matters most."""
    group, runs = found.group, found.runs
    validation = group.validation.mean if group and group.validation else None
    return replace(
        runs[0],
        name=f"{found.name} · {_count(found)} seeds",
        state=min((run.state for run in runs), key=_STATES.index),
        tags=tuple(dict.fromkeys(tag for run in runs for tag in run.tags)),
        epoch=sum(run.epoch for run in runs),
        epochs=sum(run.epochs for run in runs),
        seconds=sum(run.seconds for run in runs),
        best_validation_accuracy=validation,
        test_accuracy=group.spread.mean if group else None,
        created=max(run.created for run in runs),
    )


def _count(found: Repeats) -> str:
    counted, begun = len(found.counted), len(found.runs)
    return str(begun) if counted == begun else f"{counted} of {begun}"

"""The queue: which runs train, and which wait, in the order in which they start."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from fmnist_core.evaluation import Repeats, repeats
from fmnist_core.runs.index import RunIndex
from fmnist_core.runs.library import RunSummary
from fmnist_core.runs.status import ACTIVE_STATES
from fmnist_core.settings import load_settings
from fmnist_ui.lab_state import LabState
from fmnist_ui.page_errors import plain
from fmnist_ui.train.choice import watch


def show_waiting(run_id: str) -> None:
    """How many are before this run."""
    count = runs_before(run_id)
    before = f"{count} before it." if count else "It starts next."
    st.info(f"Queued for a free slot of the engine. {before}", icon=":material/hourglass_empty:")


def show_queue(state: LabState, *watched: str) -> None:
    """The runs that train or wait beside those watched, each with a button to watch it.

    Seeds that one person queued under one name are one line.
    """
    places = {queued: place for place, queued in enumerate(_waiting_runs(), start=1)}
    others = [run for run in state.in_state(*ACTIVE_STATES) if run.id not in watched]
    entries = [Repeats(tuple(sorted(each.runs, key=_turn(places)))) for each in _presses(others)]
    there = [each for each in entries if _at_work(each.runs[0]) or each.runs[0].id in places]
    if not there:
        return
    st.markdown("**Other runs in the engine**")
    for entry in sorted(there, key=lambda entry: _turn(places)(entry.runs[0])):
        _line(entry, _words(entry, places))


def _presses(runs: Sequence[RunSummary]) -> list[Repeats]:
    by_press: dict[tuple[str, str], list[RunSummary]] = {}
    for run in runs:
        by_press.setdefault((run.owner, run.name), []).append(run)
    return [found for alike in by_press.values() for found in repeats(alike)]


def _turn(places: Mapping[str, int]) -> Callable[[RunSummary], int]:
    """Those at work come first, then those that wait, in the order of the queue."""
    return lambda run: 0 if _at_work(run) else places.get(run.id, len(places) + 1)


def _at_work(run: RunSummary) -> bool:
    return run.state in ("running", "paused")


def _words(entry: Repeats, places: Mapping[str, int]) -> str:
    first, waiting = entry.runs[0], len(entry.waiting)
    if len(entry.runs) == 1:
        at_work = f"epoch {first.epoch} of {first.epochs}"
    else:
        at_work = f"{len(entry.runs) - waiting} training, {waiting} queued"
    return at_work if _at_work(first) else f"queued, position {places[first.id]}"


def _line(entry: Repeats, words: str) -> None:
    first, seeds = entry.runs[0], len(entry.runs)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            plain(first.name) + (f", {seeds} seeds" if seeds > 1 else ""),
            key=f"watch_{first.id}",
            type="tertiary",
            icon=":material/visibility:",
            on_click=watch,
            args=(first.id,),
            kwargs={"seeds": seeds > 1},
        )
        st.caption(words)


def _waiting_runs() -> list[str]:
    """Ids of the runs that wait, the next to start first."""
    settings = load_settings()
    return RunIndex(settings.index_path, settings.runs_dir).waiting()


def runs_before(run_id: str) -> int:
    """How many start before this one; 0 also for a run that the queue does not know yet."""
    waiting = _waiting_runs()
    return waiting.index(run_id) if run_id in waiting else 0

"""The queue: which runs train, and which wait, in the order in which they start."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from fmnist_core.engine.client import leave_interrupted, resume
from fmnist_core.engine.waiting_line import waiting_line
from fmnist_core.evaluation import Repeats, repeats
from fmnist_core.permissions import may_change, sight
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.index import RunIndex
from fmnist_core.runs.library import RunSummary
from fmnist_core.runs.status import ACTIVE_STATES
from fmnist_core.settings import load_settings
from fmnist_ui.classroom.joining import is_class
from fmnist_ui.followed_runs import history_of
from fmnist_ui.lab_state import LabState, maker_of, nickname_of
from fmnist_ui.page_errors import page_errors, plain
from fmnist_ui.train.choice import watch
from fmnist_ui.words import clock, duration


def all_paused() -> str:
    """A sentence on who has paused everything."""
    if is_class():
        return "The teacher has paused all training."
    return "All training is paused by `engine pause-all`; `engine resume-all` lets it go on."


def show_waiting(run_id: str, gave_way: str = "") -> None:
    """Its place in line, when it is expected to start, and who holds the slots that it waits for.

    Args:
        gave_way: A sentence where the run has trained already and others train now.
    """
    line = waiting_line(load_settings())
    place = line.place_of(run_id)
    words = f"{gave_way}  \n" if gave_way else "Queued for a free slot of the engine: "
    words += f"**{place.words}.**" if place else "**it starts now.**"
    if line.held:
        words += f"  \n{all_paused()}"
    elif holders := _holders():
        held = "The slot is held by" if len(holders) == 1 else "The slots are held by"
        words += f"  \n{held} {'; '.join(holders)}."
    st.info(words, icon=":material/hourglass_empty:")


def _holders() -> list[str]:
    """Each run in a slot: its name, since when, and when it is expected to end."""
    settings = load_settings()
    index = RunIndex(settings.index_path, settings.runs_dir)
    rows, may_see = index.in_state("running", "paused"), sight()
    return [
        _holder(RunFolder(settings.runs_dir / row.id), paused=row.state == "paused")
        if may_see(row.owner)
        else "somebody else"
        for row in rows
    ]


def _holder(folder: RunFolder, *, paused: bool) -> str:
    history = history_of(folder)
    whose = nickname_of(folder.owner)
    name = (f"{plain(whose)}'s " if whose else "") + f"**{plain(folder.name)}**"
    if not history.started:
        return f"{name}, which begins"
    since = f"{name} since {clock(history.started)}"
    if paused:
        return f"{since}: it is paused until somebody resumes or stops it"
    left = history.seconds_left
    if left is None:
        return f"{since}; its end is not known yet"
    return f"{since}; its end is expected at {clock(time.time() + left)}, in {duration(left)}"


def show_queue(state: LabState, *watched: str) -> None:
    """The runs that train or wait beside those watched, each with a button to watch it.

    Seeds that one person queued under one name are one line. Before them, what a person is asked
    about: interrupted runs of commands and programs, which the engine does not take up by itself.
    """
    _show_interrupted(
        [
            run
            for run in state.runs
            if run.interrupted and run.id not in watched and may_change(run.owner)
        ]
    )
    places = {place.run_id: place.position for place in waiting_line(load_settings()).places}
    others = [run for run in state.in_state(*ACTIVE_STATES) if run.id not in watched]
    entries = [Repeats(tuple(sorted(each.runs, key=_turn(places)))) for each in _presses(others)]
    there = [each for each in entries if _at_work(each.runs[0]) or each.runs[0].id in places]
    if not there:
        return
    st.markdown("**Other runs in the engine**")
    for entry in sorted(there, key=lambda entry: _turn(places)(entry.runs[0])):
        _line(entry, _words(entry, places))


def _show_interrupted(runs: Sequence[RunSummary]) -> None:
    if not runs:
        return
    st.markdown("**Interrupted runs**")
    for run in runs:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                plain(run.name),
                key=f"watch_{run.id}",
                type="tertiary",
                icon=":material/visibility:",
                on_click=watch,
                args=(run.id,),
            )
            done = f"after epoch {run.epoch} of {run.epochs}" if run.epoch else "before an epoch"
            st.caption(f"begun outside the engine; its process ended {done}")
            st.button(
                "Continue",
                key=f"continue_{run.id}",
                icon=":material/play_arrow:",
                help="The engine trains it on when a slot is free.",
                on_click=_continue,
                args=(run.id,),
            )
            st.button(
                "Leave",
                key=f"leave_{run.id}",
                icon=":material/close:",
                help="Keeps the run as it is and asks no more.",
                on_click=leave,
                args=(run.id,),
            )


def _continue(run_id: str) -> None:
    with page_errors():
        resume(run_id, load_settings())


def leave(run_id: str) -> None:
    """Callback: the interrupted run stays as it is."""
    with page_errors():
        leave_interrupted(run_id, load_settings())


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
    if _at_work(first):
        return at_work
    place = waiting_line(load_settings()).place_of(first.id)
    return place.words if place else "queued"


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
        st.caption(" · ".join(filter(None, (plain(maker_of(first.owner)), words))))


def runs_before(run_id: str) -> int:
    """How many start before this one; 0 also for a run that the queue does not know yet."""
    place = waiting_line(load_settings()).place_of(run_id)
    return place.position - 1 if place else 0

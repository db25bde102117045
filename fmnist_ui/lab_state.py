"""The state of the lab at a glance: data, engine, runs, disk space; and who owns this session."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from fmnist_core.classroom import Classroom
from fmnist_core.datasets import DataStatus, available
from fmnist_core.engine.client import (
    EngineStatus,
    engine_status,
    ensure_engine,
    recover_engine,
)
from fmnist_core.errors import StorageError
from fmnist_core.permissions import acting
from fmnist_core.runs.library import RunSummary, list_runs
from fmnist_core.settings import Settings, load_settings
from fmnist_ui.once_a_run import once_a_run
from fmnist_ui.page_errors import page_errors, plain

_ENGINE_WORDS = {
    "running": ("blue", "Engine starting"),
    "starting": ("blue", "Engine starting"),
    "restarting": ("blue", "Engine restarting"),
    "stopped": ("orange", "Engine stopped"),
    "failing": ("red", "Engine failed to start, retrying"),
    "given up": ("red", "Engine failed to start, gave up"),
    "off": ("gray", "Engine idle"),
}

# Below this a run's weights, diary and checkpoint may not fit any more; below the other, nothing.
_LEAST_FREE, _NOTHING_FREE = 100_000_000, 1_000_000


@dataclass(frozen=True)
class LabState:
    """What Home and the sidebar tell.

    Attributes:
        data: Which images this machine has.
        engine: Whether the engine runs, and what it is at.
        runs: All runs, newest first.
    """

    data: DataStatus
    engine: EngineStatus
    runs: tuple[RunSummary, ...]

    def in_state(self, *states: str) -> tuple[RunSummary, ...]:
        """Runs in one of the states, newest first."""
        return tuple(run for run in self.runs if run.state in states)


def lab_state(settings: Settings | None = None) -> LabState:
    """Data, engine and runs as this run of the page knows them."""
    settings = settings or load_settings()
    engine = once_a_run(("engine", settings), lambda: engine_status(settings))
    return LabState(known_data(settings), engine, known_runs(settings))


def known_data(settings: Settings | None = None) -> DataStatus:
    """Which images this machine has, as they were when this run of the page first asked."""
    settings = settings or load_settings()
    return once_a_run(("data", settings), lambda: available(settings))


def known_runs(settings: Settings | None = None) -> tuple[RunSummary, ...]:
    """All runs, newest first, as they were when this run of the page first asked.

    A thousand runs are 6,000 files to look at, and a page asks up to six times. Who has just
    changed one lists them anew.
    """
    settings = settings or load_settings()
    return once_a_run(("runs", settings), lambda: tuple(list_runs(settings)))


def show_lab_state() -> LabState:
    """Three short lines for the sidebar, and one more for a disk in trouble; what they tell.

    An engine that died with work to do is started again on the way, if nobody else does.
    """
    settings = load_settings()
    # First, since a disk in trouble may keep the rest from being read at all.
    if trouble := _storage_words(settings):
        st.markdown(trouble, help=plain(_storage_advice(settings)))
    with page_errors():
        recover_engine(settings)
    state = lab_state(settings)
    st.markdown(data_words(state))
    st.markdown(engine_words(state))
    if state.engine.state in ("stopped", "given up"):
        st.button(
            "Start the engine" if state.engine.state == "stopped" else "Retry",
            icon=":material/play_arrow:",
            type="tertiary",
            key="start_stopped_engine",
            on_click=start_engine,
        )
    st.markdown(runs_words(state))
    return state


def start_engine() -> None:
    """Callback: starts the engine, also where a person stopped it."""
    with page_errors():
        ensure_engine(load_settings())


def data_words(state: LabState) -> str:
    """Which images are in use, with a coloured sign."""
    if state.data.official_ready:
        return ":green[:material/check_circle:] Fashion-MNIST"
    return ":orange[:material/draw:] Synthetic garments"


def engine_words(state: LabState) -> str:
    """Whether the engine is there, with a coloured sign."""
    engine = state.engine
    if engine.address:
        slots = "1 slot" if engine.slots == 1 else f"{engine.slots} slots"
        return f":green[:material/bolt:] Engine ready, {slots}"
    sign, words = _ENGINE_WORDS[engine.state]
    if engine.state in ("failing", "given up") and engine.failures > 1:
        words = words.replace("failed to start", f"failed {engine.failures} times")
    return f":{sign}[:material/bolt:] {words}"


def runs_words(state: LabState) -> str:
    """How many runs do what, with a coloured sign."""
    running = len(state.in_state("running", "paused"))
    waiting = len(state.in_state("queued"))
    if running or waiting:
        words = f":blue[:material/model_training:] {running} training"
        return words + (f", {waiting} waiting" if waiting else "")
    if interrupted := sum(run.interrupted for run in state.runs):
        return f":orange[:material/power_off:] {interrupted} interrupted, none training"
    if state.runs:
        count = f"{len(state.runs)} runs" if len(state.runs) > 1 else "1 run"
        return f":gray[:material/model_training:] {count}, none training"
    return ":gray[:material/model_training:] No runs yet"


def owner() -> str:
    """Who is here: in a class the person, alone the session. The queue shares its slots fairly
    between owners."""
    if person := acting():
        return person.id
    return str(st.session_state.setdefault("owner", uuid.uuid4().hex[:12]))


def maker_of(owner: str) -> str:
    """Who made something, for a line below its title, such as `by Ada`; empty outside a class."""
    if not load_settings().in_class:
        return ""
    if (person := acting()) and person.id == owner:
        return "by you"
    name = nickname_of(owner)
    return f"by {name}" if name else "by nobody in the class"


def nickname_of(owner: str) -> str:
    """What somebody in the class is called; empty for others, and outside a class."""
    if not load_settings().in_class:
        return ""
    names = once_a_run(
        "nicknames",
        lambda: {one.id: one.nickname for one in Classroom(load_settings()).members()},
    )
    return names.get(owner, "")


def own_runs(runs: Iterable[RunSummary]) -> tuple[RunSummary, ...]:
    """What a page begins with where nothing was chosen: in a class one's own runs, alone all."""
    person = acting()
    return tuple(run for run in runs if person is None or run.owner == person.id)


def storage_trouble(settings: Settings) -> StorageError | None:
    """Why nothing new can be kept at all, if so; what is there can still be looked at."""
    place, rule = _first_that_exists(settings.home), ""
    if not _is_writable(place):
        rule = "The lab's folder is not writable: nothing new can be saved."
    elif shutil.disk_usage(place).free < _NOTHING_FREE:
        rule = "The disk with the lab's folder is full: nothing new can be saved."
    return StorageError(rule, advice=_storage_advice(settings)) if rule else None


def _is_writable(place: Path) -> bool:
    return place.is_dir() and os.access(place, os.W_OK | os.X_OK)


def _storage_words(settings: Settings) -> str:
    """What is wrong with the disk, with a coloured sign; empty where nothing is."""
    place = _first_that_exists(settings.home)
    if not _is_writable(place):
        return ":red[:material/hard_drive:] The lab's folder is not writable"
    free = shutil.disk_usage(place).free
    if free < _LEAST_FREE:
        return f":red[:material/hard_drive:] Disk nearly full, {free / 1e6:.0f} MB free"
    return ""


def _storage_advice(settings: Settings) -> str:
    """What to do about it, naming the folder."""
    return (
        f"The lab keeps everything in {settings.home}. Free some space there, "
        "or choose another folder with FMNIST_HOME. Finished runs are safe."
    )


def _first_that_exists(path: Path) -> Path:
    # `Path.exists` raises where a folder above may not be looked into.
    places = (path, *path.absolute().parents)
    return next(place for place in places if os.access(place, os.F_OK))

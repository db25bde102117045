"""The state of the lab at a glance: data, engine, runs."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from fmnist_core.data.load import DataStatus, available
from fmnist_core.runs.library import RunSummary, list_runs
from fmnist_core.settings import Settings, load_settings


@dataclass(frozen=True)
class LabState:
    """What Home and the sidebar tell.

    Attributes:
        data: Which images this machine has.
        runs: All runs, newest first.
    """

    data: DataStatus
    runs: tuple[RunSummary, ...]

    def in_state(self, *states: str) -> tuple[RunSummary, ...]:
        """Runs in one of the states, newest first."""
        return tuple(run for run in self.runs if run.state in states)


def lab_state(settings: Settings | None = None) -> LabState:
    """Looks anew; a few milliseconds even with a thousand runs."""
    settings = settings or load_settings()
    return LabState(available(settings), tuple(list_runs(settings)))


def show_lab_state() -> None:
    """Three short lines for the sidebar."""
    state = lab_state()
    ready = state.data.official_ready
    st.markdown(
        ":green[●] Fashion-MNIST" if ready else ":orange[●] Synthetic garments",
    )
    st.markdown(runs_words(state))


def runs_words(state: LabState) -> str:
    """How many runs do what, with a coloured dot."""
    running = len(state.in_state("running", "paused"))
    waiting = len(state.in_state("queued"))
    if not running and not waiting:
        return ":gray[●] Nothing is training"
    words = f":blue[●] {running} training"
    return words + (f", {waiting} waiting" if waiting else "")

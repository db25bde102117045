"""Fetching or drawing images in the background, seen and stopped from every tab.

One piece of work at a time for the whole server: what a second tab starts while the first is at
it is the same work. A killed server loses nothing: a download goes on from its part files.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from fmnist_core.background_job import Job, JobState, Report
from fmnist_core.datasets import (
    FASHION_MNIST,
    SYNTHETIC_GARMENTS,
    Dataset,
    Listener,
    Progress,
    available,
)
from fmnist_core.datasets.official import load_official
from fmnist_core.datasets.synthetic import load_synthetic
from fmnist_core.settings import load_settings
from fmnist_ui.words import whole

_TITLES = {
    FASHION_MNIST: "Downloading Fashion-MNIST",
    SYNTHETIC_GARMENTS: "Drawing the synthetic garments",
}


@dataclass(frozen=True)
class DataWork:
    """One piece of work.

    Attributes:
        name: The data set that is being made ready.
        notices: Sentences for people, such as a mirror that does not answer.
        job: Its result is the data set, where the disk did not take it and it is only in memory.
    """

    name: str
    notices: list[str]
    job: Job[Dataset | None]

    @property
    def state(self) -> JobState[Dataset | None]:
        return self.job.state()

    @property
    def title(self) -> str:
        return _TITLES[self.name]


def _make(
    name: str, notices: list[str], report: Report, stopped: threading.Event
) -> Dataset | None:
    def hear(progress: Progress) -> None:
        report(progress.share, f"{_TITLES[name]}: {_done(progress)}")

    settings, listener = load_settings(), Listener(hear, notices.append, stopped)
    if name == FASHION_MNIST:
        load_official(settings, download=True, listener=listener)
        return None
    garments = load_synthetic(settings, listener=listener)
    return None if available(settings).synthetic_ready else garments


def _done(progress: Progress) -> str:
    if progress.unit == "bytes":
        return f"{progress.done / 1e6:.1f} of {progress.total / 1e6:.1f} MB"
    return f"{whole(progress.done)} of {whole(progress.total)}"


@dataclass
class _Desk:
    """Where the present work lies, for all sessions of this server."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    work: DataWork | None = None


@st.cache_resource(show_spinner=False)
def _desk() -> _Desk:
    return _Desk()


def current_work() -> DataWork | None:
    """The work that goes on, or the last one; None before the first."""
    return _desk().work


def start_work(name: str) -> DataWork:
    """Begins to make a data set ready, or returns the work that goes on already."""
    desk = _desk()
    with desk.lock:
        if desk.work is None or not desk.work.state.running:
            notices: list[str] = []
            desk.work = DataWork(name, notices, Job(partial(_make, name, notices)))
        return desk.work


def stop_work() -> None:
    """Asks the present work to end; what was fetched is kept for the next try."""
    work = current_work()
    if work is not None:
        work.job.stop()

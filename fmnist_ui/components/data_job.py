"""Fetching or drawing images in the background, seen and stopped from every tab.

One piece of work at a time for the whole server: what a second tab starts while the first is at
it is the same work. A killed server loses nothing: a download goes on from its part files.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field

import streamlit as st

from fmnist_core.datasets import (
    FASHION_MNIST,
    Dataset,
    DataStoppedError,
    Listener,
    Progress,
    available,
)
from fmnist_core.datasets.official import load_official
from fmnist_core.datasets.synthetic import load_synthetic
from fmnist_core.errors import LabError
from fmnist_core.settings import Settings, load_settings

_log = logging.getLogger(__name__)


@dataclass
class DataWork:
    """One piece of work, its progress, and how it ended.

    Attributes:
        name: The data set that is being made ready.
        progress: The last report; None before the first.
        notices: Sentences for people, such as a mirror that does not answer.
        made: The data set, where the disk did not take it and it is only in memory.
        error: Why it failed or was stopped; None while it goes on and after success.
    """

    name: str
    started: float = field(default_factory=time.monotonic)
    progress: Progress | None = None
    notices: list[str] = field(default_factory=list)
    made: Dataset | None = None
    error: LabError | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def running(self) -> bool:
        return not self.over.is_set()

    @property
    def stopped(self) -> bool:
        """Whether it ended because somebody asked."""
        return isinstance(self.error, DataStoppedError)

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        progress = self.progress
        return progress.done / progress.total if progress and progress.total else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the mean speed so far; None where nothing is known yet."""
        if not 0.01 < self.share < 1:
            return None
        return (time.monotonic() - self.started) * (1 - self.share) / self.share

    def run(self) -> None:
        """Does the work; meant for a thread of its own."""
        listener = Listener(self._report, self.notices.append, self.stop)
        try:
            self._make(load_settings(), listener)
        except LabError as error:
            _log.info("Data was not made ready: %s", error)
            self.error = error
        except Exception:
            _log.exception("Making data ready failed.")
            self.error = LabError("Something unforeseen went wrong; the server's log says what.")
        finally:
            self.over.set()

    def _make(self, settings: Settings, listener: Listener) -> None:
        if self.name == FASHION_MNIST:
            load_official(settings, download=True, listener=listener)
            return
        garments = load_synthetic(settings, listener=listener)
        if not available(settings).synthetic_ready:
            self.made = garments

    def _report(self, progress: Progress) -> None:
        self.progress = progress


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
        if desk.work is None or not desk.work.running:
            desk.work = DataWork(name)
            threading.Thread(target=desk.work.run, name=f"data-{name}", daemon=True).start()
        return desk.work


def stop_work() -> None:
    """Asks the present work to end; what was fetched is kept for the next try."""
    work = current_work()
    if work is not None:
        work.stop.set()

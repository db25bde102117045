"""A run's diary, told on as it grows. Whoever listens may fail: the training does not."""

from __future__ import annotations

import importlib.util
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

from fmnist_core.config import TrainConfig
from fmnist_core.durable import read_json, write_json
from fmnist_core.errors import ConfigError, LabError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import Followed, follow
from fmnist_core.settings import Settings
from fmnist_core.tracking.trackers import TRACKERS, Tracker

# Who did not answer is left alone for so long.
_PATIENCE_SECONDS = 30.0

log = logging.getLogger(__name__)


def check_trackers(training: TrainConfig) -> None:
    """Whether what this run is to be told to is installed here.

    Raises:
        ConfigError: A package is missing.
    """
    for name in _wanted(training):
        if importlib.util.find_spec(name) is None:
            raise ConfigError(
                f"The package {name} is not installed in this lab.",
                advice="`pip install -r requirements-trackers.txt`, or train without it.",
            )


class Tracking:
    """Tells one run's epochs to all who are to know.

    What was told is kept in `tracking.json`: an engine that goes on after a crash tells no epoch
    twice.
    """

    def __init__(self, folder: RunFolder, settings: Settings) -> None:
        self._folder, self._settings = folder, settings
        self._followed = Followed()
        self._trackers: dict[str, Tracker] = {}
        self._state: dict[str, dict[str, Any]] = {}
        self._not_before: dict[str, float] = {}
        self._thread: threading.Thread | None = None

    def update_beside(self) -> None:
        """The same in a thread of its own, unless one is at it: a slow server holds up nobody."""
        if not self._wanted() or (self._thread is not None and self._thread.is_alive()):
            return
        self._thread = threading.Thread(target=self.update, name="tracking", daemon=True)
        self._thread.start()

    def finish(self, seconds: float) -> None:
        """Tells the rest, but waits no longer than so many seconds."""
        until = time.monotonic() + seconds
        self._wait(until)
        # The last chance, even of who did not answer just now.
        self._not_before.clear()
        self.update_beside()
        self._wait(until)

    def _wait(self, until: float) -> None:
        if self._thread is not None:
            self._thread.join(max(0.0, until - time.monotonic()))

    def update(self) -> None:
        """Tells what is new; never raises for those who listen."""
        if not self._wanted():
            return
        self._followed = follow(self._folder.events_path, self._followed)
        self._state = _kept(self._folder)
        for name in self._wanted():
            self._tell(name)

    def _wanted(self) -> list[str]:
        try:
            return list(_wanted(self._folder.config.training))
        except LabError:
            # Whoever trains it says what is wrong with the configuration.
            return []

    def _tell(self, name: str) -> None:
        state = self._state.setdefault(name, {"epochs": 0, "ended": 0, "error": "", "known": {}})
        history, attempt = self._followed.history, self._followed.history.attempt
        over = history.end is not None and state["ended"] < attempt
        fresh = [point for point in history.epochs_done if point.epoch > state["epochs"]]
        if not fresh and not over:
            return
        before = dict(state)
        if time.monotonic() < self._not_before.get(name, 0.0):
            return
        try:
            tracker = self._tracker(name, state)
            for point in fresh:
                tracker.epoch(point)
                state["epochs"] = point.epoch
            if over and history.end is not None:
                tracker.end(self._folder, history.end.state)
                state["ended"] = attempt
            state["error"] = ""
        except Exception as error:
            log.warning("%s is not told of %s: %s", name, self._folder.id, error)
            state["error"] = f"{type(error).__name__}: {str(error)[:200]}"
            self._not_before[name] = time.monotonic() + _PATIENCE_SECONDS
        if state != before:
            write_json(_path(self._folder), self._state)

    def _tracker(self, name: str, state: dict[str, Any]) -> Tracker:
        if name not in self._trackers:

            def know(fact: dict[str, str]) -> None:
                # At once: a run that was begun elsewhere must not be begun there twice.
                state["known"] |= fact
                write_json(_path(self._folder), self._state)

            tracker = TRACKERS[name](self._settings, state["known"])
            tracker.begin(self._folder, know)
            self._trackers[name] = tracker
        return self._trackers[name]


def _wanted(training: TrainConfig) -> Iterator[str]:
    yield from (name for name in TRACKERS if getattr(training, name))


def _path(folder: RunFolder) -> Any:
    return folder.path / "tracking.json"


def _kept(folder: RunFolder) -> dict[str, dict[str, Any]]:
    value = read_json(_path(folder))
    return value if isinstance(value, dict) else {}


def tracking_errors(folder: RunFolder) -> dict[str, str]:
    """Who could not be told, and why; empty where all is well."""
    try:
        return {name: state["error"] for name, state in _kept(folder).items() if state["error"]}
    except (LabError, KeyError, TypeError):
        return {}

"""Experiment tracking: TensorBoard event files and MLflow.

A run's events are forwarded as they are written. A tracker may fail: the training does not. Both
packages are optional (`pip install -r requirements-trackers.txt`), and imported when first used.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, Protocol

from fmnist_core.atomic_files import read_json, storage_errors, write_json
from fmnist_core.config import TrainConfig, flatten
from fmnist_core.errors import ConfigError, LabError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import EpochPoint, ReadHistory, follow
from fmnist_core.settings import Settings

Know = Callable[[dict[str, str]], None]
_EXPERIMENT = "fashion-mnist-lab"
# An unresponsive server must not delay the training's live view.
# MLflow asks for consent to use a folder instead of a database.
_SETTINGS = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_ALLOW_FILE_STORE": "true",
}
_LONGEST = 500
_STATES = {"finished": "FINISHED", "stopped": "KILLED", "failed": "FAILED"}
# Who did not answer is left alone for so long.
_PATIENCE_SECONDS = 30.0

log = logging.getLogger(__name__)


class Tracker(Protocol):
    """Another program that wants to know how a run goes."""

    def begin(self, folder: RunFolder, know: Know) -> None:
        """Starts the run; `know` stores facts for resuming it."""

    def epoch(self, point: EpochPoint) -> None: ...

    def end(self, folder: RunFolder, state: str) -> None:
        """The run has ended as `finished`, `stopped` or `failed`."""


class TensorBoardLog:
    """Event files, one folder a run: `tensorboard --logdir HOME/tensorboard` reads them."""

    def __init__(self, settings: Settings, known: dict[str, str]) -> None:
        self._home = settings.home / "tensorboard"
        self._writer: Any = None

    def begin(self, folder: RunFolder, know: Know) -> None:
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        place = self._home / folder.id
        with storage_errors(place):
            place.mkdir(parents=True, exist_ok=True)
            self._writer = EventFileWriter(str(place))

    def epoch(self, point: EpochPoint) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        values = [
            Summary.Value(tag=f"epoch_{name}", simple_value=value)
            for name, value in _metrics(point).items()
        ]
        event = Event(wall_time=time.time(), step=point.epoch, summary=Summary(value=values))
        self._writer.add_event(event)
        self._writer.flush()

    def end(self, folder: RunFolder, state: str) -> None:
        # It holds a thread and a file.
        self._writer.close()


class MlflowRun:
    """One run of the experiment `fashion-mnist-lab`: `FMNIST_MLFLOW` names its server or folder."""

    def __init__(self, settings: Settings, known: dict[str, str]) -> None:
        self._place, self._id = settings.mlflow, known.get("run", "")
        self._configured = "configured" in known
        self._client: Any = None

    def begin(self, folder: RunFolder, know: Know) -> None:
        for name, value in _SETTINGS.items():
            os.environ.setdefault(name, value)
        from mlflow import MlflowClient

        self._client = MlflowClient(tracking_uri=self._place)
        if not self._id:
            tags = {"lab_run": folder.id, "preset": folder.config.preset}
            made = self._client.create_run(self._experiment(), tags=tags, run_name=folder.name)
            self._id = made.info.run_id
            know({"run": self._id})
        if not self._configured:
            for path, value in flatten(folder.config).items():
                self._client.log_param(self._id, path, str(value)[:_LONGEST])
            self._configured = True
            know({"configured": "yes"})

    def epoch(self, point: EpochPoint) -> None:
        for name, value in _metrics(point).items():
            self._client.log_metric(self._id, name, value, step=point.epoch)

    def end(self, folder: RunFolder, state: str) -> None:
        if (accuracy := folder.status.test_accuracy) is not None:
            self._client.log_metric(self._id, "test_accuracy", accuracy)
        self._client.set_terminated(self._id, _STATES.get(state, "FAILED"))

    def _experiment(self) -> str:
        found = self._client.get_experiment_by_name(_EXPERIMENT)
        return str(found.experiment_id if found else self._client.create_experiment(_EXPERIMENT))


# By the field of the configuration that asks for it, which is also the name of its package.
TRACKERS: dict[str, Callable[[Settings, dict[str, str]], Tracker]] = {
    "tensorboard": TensorBoardLog,
    "mlflow": MlflowRun,
}


def check_trackers(training: TrainConfig) -> None:
    """Checks that the packages of the trackers asked for are installed.

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
    """Sends one run's epochs to experiment trackers.

    `tracking.json` records the sent epochs, so that an engine that resumes after a crash sends none
    twice.
    """

    def __init__(self, folder: RunFolder, settings: Settings) -> None:
        self._folder, self._settings = folder, settings
        self._read_history = ReadHistory()
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
        """Sends the rest, with a limit in seconds."""
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
        """Sends new epochs; never raises because of a tracker."""
        if not self._wanted():
            return
        self._read_history = follow(self._folder.events_path, self._read_history)
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
        history, attempt = self._read_history.history, self._read_history.history.attempt
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
            log.warning("%s does not receive %s: %s", name, self._folder.id, error)
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
    """Trackers that failed, and why; empty where all is well."""
    try:
        return {name: state["error"] for name, state in _kept(folder).items() if state["error"]}
    except (LabError, KeyError, TypeError):
        return {}


def _metrics(point: EpochPoint) -> dict[str, float]:
    """An epoch's figures by name; those there are none of are left out."""
    return {
        name: float(value)
        for name, value in asdict(point).items()
        if name != "epoch" and value is not None
    }

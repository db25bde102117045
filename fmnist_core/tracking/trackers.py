"""The programs that a training can be told to; each one's package is imported when first used."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Protocol

from fmnist_core.durable import storage_errors
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import EpochPoint
from fmnist_core.settings import Settings

Know = Callable[[dict[str, str]], None]
_EXPERIMENT = "fashion-mnist-lab"
# A server that does not answer must not hold up whoever watches the training.
# A folder needs a word from whoever uses one: MLflow would rather have a database.
_SETTINGS = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_ALLOW_FILE_STORE": "true",
}
_LONGEST = 500
_STATES = {"finished": "FINISHED", "stopped": "KILLED", "failed": "FAILED"}


class Tracker(Protocol):
    """Another program that wants to know how a run goes."""

    def begin(self, folder: RunFolder, know: Know) -> None:
        """Tells of the run; `know` keeps what is needed to go on with it later."""

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
            made = self._client.create_run(self._experiment(), tags=tags, run_name=folder.meta.name)
            self._id = made.info.run_id
            know({"run": self._id})
        if not self._configured:
            for name, value in _leaves(folder.config.to_json()):
                self._client.log_param(self._id, name, value[:_LONGEST])
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


def _metrics(point: EpochPoint) -> dict[str, float]:
    """An epoch's figures by name; those there are none of are left out."""
    return {
        name: float(value)
        for name, value in asdict(point).items()
        if name != "epoch" and value is not None
    }


def _leaves(tree: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(tree, dict):
        return [leaf for key, item in tree.items() for leaf in _leaves(item, f"{path}{key}.")]
    if isinstance(tree, list) and tree and isinstance(tree[0], dict):
        return _leaves({str(place): item for place, item in enumerate(tree)}, path)
    return [(path.rstrip("."), str(tree))]

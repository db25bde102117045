"""A run on an MLflow server, or in a local folder: `FMNIST_MLFLOW` says where."""

from __future__ import annotations

import os
from typing import Any

from fmnist_core.config import flatten
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import EpochPoint
from fmnist_core.settings import Settings
from fmnist_core.tracking.following import Know, metrics_of

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


class MlflowRun:
    """One run of the experiment `fashion-mnist-lab`."""

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
            for path, value in flatten(folder.config).items():
                self._client.log_param(self._id, path, str(value)[:_LONGEST])
            self._configured = True
            know({"configured": "yes"})

    def epoch(self, point: EpochPoint) -> None:
        for name, value in metrics_of(point).items():
            self._client.log_metric(self._id, name, value, step=point.epoch)

    def end(self, folder: RunFolder, state: str) -> None:
        if (accuracy := folder.status.test_accuracy) is not None:
            self._client.log_metric(self._id, "test_accuracy", accuracy)
        self._client.set_terminated(self._id, _STATES.get(state, "FAILED"))

    def _experiment(self) -> str:
        found = self._client.get_experiment_by_name(_EXPERIMENT)
        return str(found.experiment_id if found else self._client.create_experiment(_EXPERIMENT))

"""A training's progress in the terminal."""

from __future__ import annotations

from typing import Any

from fmnist_core.cli.progress import ProgressBar
from fmnist_core.lab_keras import keras
from fmnist_core.tracking import Tracking


class ProgressCallback(keras.callbacks.Callback):
    """Moves the bar, whose `total` counts epochs, with each batch."""

    def __init__(self, bar: ProgressBar) -> None:
        super().__init__()
        self._bar = bar
        self._epoch = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        steps = self.params.get("steps") or batch + 1
        self._bar.reach(self._epoch + min((batch + 1) / steps, 1.0), _figures(logs or {}))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._bar.reach(epoch + 1, _figures(logs or {}))


class TrackingCallback(keras.callbacks.Callback):
    """Updates experiment trackers after each epoch."""

    def __init__(self, tracking: Tracking) -> None:
        super().__init__()
        self._tracking = tracking

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        # Only now has the lab recorded the previous epoch.
        self._tracking.update_beside()


def _figures(logs: dict[str, Any]) -> str:
    names = {"loss": "loss", "accuracy": "accuracy", "val_accuracy": "validation"}
    return "  ".join(f"{text} {float(logs[key]):.4f}" for key, text in names.items() if key in logs)

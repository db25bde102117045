"""Event files that TensorBoard reads: `tensorboard --logdir HOME/tensorboard`."""

from __future__ import annotations

import time
from typing import Any

from fmnist_core.durable import storage_errors
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import EpochPoint
from fmnist_core.settings import Settings
from fmnist_core.tracking.following import Know, metrics_of


class TensorBoardLog:
    """One folder a run, below `HOME/tensorboard`."""

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
            for name, value in metrics_of(point).items()
        ]
        event = Event(wall_time=time.time(), step=point.epoch, summary=Summary(value=values))
        self._writer.add_event(event)
        self._writer.flush()

    def end(self, folder: RunFolder, state: str) -> None:
        # It holds a thread and a file.
        self._writer.close()

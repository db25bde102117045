"""Runs through the lab's engine, as people start them, watched from outside."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.training_rows.scripts import CannotMeasureError
from fmnist_core.config import RunConfig
from fmnist_core.engine.client import ensure_engine, stop_engine, submit
from fmnist_core.runs.events import read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings

# An engine loads Keras once for trainings and, 20 s after its start, once more for questions:
# nothing is measured before that is over.
_SETTLING_SECONDS = 45.0


@dataclass(frozen=True)
class Trained:
    """A finished run.

    Attributes:
        folder: What it left.
        ends: When its epochs ended (Unix time).
        seconds: From the network being built to the last epoch's end, checkpoints included.
        ended: When all was judged (Unix time).
        peak_mb: The most memory its process ever held (`VmHWM`), in MB of 10^6 bytes.
    """

    folder: RunFolder
    ends: list[float]
    seconds: float
    ended: float
    peak_mb: float


class Engine:
    """The engine of a lab of its own; started when first needed."""

    def __init__(self, settings: Settings, *, hurried: bool) -> None:
        self._settings, self._hurried = settings, hurried
        self._slots = 0

    def train(self, config: RunConfig, *more: RunConfig, slots: int = 1) -> list[Trained]:
        """Queues all at once and waits for the last one's end.

        Raises:
            CannotMeasureError: A run did not finish.
        """
        self.start(slots)
        submitted = [submit(one, settings=self._at(slots)).run_id for one in (config, *more)]
        folders = [RunFolder.open(self._settings.runs_dir, run_id) for run_id in submitted]
        peaks = dict.fromkeys(submitted, 0.0)
        while any(folder.status.active for folder in folders):
            for folder in folders:
                peaks[folder.id] = max(peaks[folder.id], _peak_mb(folder.status.pid))
            time.sleep(0.1)
        return [_trained(folder, peaks[folder.id]) for folder in folders]

    def start(self, slots: int) -> None:
        """Starts the engine with so many slots, and gives it time to settle."""
        if slots == self._slots:
            return
        self.stop()
        ensure_engine(self._at(slots))
        self._slots = slots
        if not self._hurried:
            time.sleep(_SETTLING_SECONDS)

    def stop(self) -> None:
        if self._slots:
            stop_engine(self._at(self._slots))
        self._slots = 0

    def _at(self, slots: int) -> Settings:
        return replace(self._settings, slots=slots, scheduler=None)


def _peak_mb(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def _trained(folder: RunFolder, peak_mb: float) -> Trained:
    status = folder.status
    if status.state != "finished":
        raise CannotMeasureError(
            f"A run of `{folder.config.preset or 'a network'}` ended as "
            f"{status.state}: {status.error}"
        )
    events = read_events(folder.events_path)[0]
    ends = _times(events, "epoch")
    began = _times(events, "start")[0]
    return Trained(folder, ends, ends[-1] - began, _times(events, "end")[-1], peak_mb)


def _times(events: list[dict[str, Any]], kind: str) -> list[float]:
    return [event["t"] for event in events if event["kind"] == kind]

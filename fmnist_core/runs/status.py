"""The status of a run, and its control file: pause, stop, another learning rate."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json, write_json
from fmnist_core.config.rules import rule_of
from fmnist_core.config.training import TrainConfig

ENDED_STATES = ("finished", "stopped", "failed", "crashed")


@dataclass(frozen=True)
class Control:
    """The present requests; `learning_rate` replaces the base rate of the configuration."""

    pause: bool = False
    stop: bool = False
    learning_rate: float | None = None

    def __post_init__(self) -> None:
        if self.learning_rate is not None:
            rate = rule_of(TrainConfig, "learning_rate").check("learning_rate", self.learning_rate)
            object.__setattr__(self, "learning_rate", rate)


class ControlFile:
    """Requests to a run, stored in its `control.json`, for every process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = -1
        self._control = Control()

    def read(self) -> Control:
        """The present requests; costs one `stat` while nothing changed."""
        try:
            stamp = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return Control()
        if stamp != self._stamp:
            self._stamp, self._control = stamp, _from_json(read_json(self._path))
        return self._control

    def change(self, **requests: Any) -> Control:
        """Replaces the named requests and keeps the others.

        Raises:
            ConfigError: A learning rate out of its range.
        """
        control = replace(self.read(), **requests)
        write_json(self._path, asdict(control))
        return control


# queued -> running <-> paused -> finished | stopped | failed.
# crashed: its process ended unexpectedly; it can be continued from its last epoch.
ACTIVE_STATES = ("queued", "running", "paused")


@dataclass(frozen=True)
class RunStatus:
    """The content of `status.json`.

    Attributes:
        state: One of `ACTIVE_STATES` or `ENDED_STATES`.
        epoch: Epochs completed.
        epochs: Epochs asked for.
        seconds: Time spent training so far, without pauses, over all attempts.
        attempt: 1 for the first try; one more each time the run was taken up again.
        best_validation_accuracy: 0 to 1, or None without validation images.
        best_epoch: The epoch it was reached in, counted from 1; 0 before the first.
        test_accuracy: 0 to 1, once evaluated.
        error, advice: What went wrong in a sentence, and what to do.
        worker: Where it runs or ran.
        pid: The training process.
        updated: Unix time of the last change.
    """

    state: str = "queued"
    epoch: int = 0
    epochs: int = 0
    seconds: float = 0.0
    attempt: int = 0
    best_validation_accuracy: float | None = None
    best_epoch: int = 0
    test_accuracy: float | None = None
    error: str = ""
    advice: str = ""
    worker: str = ""
    pid: int = 0
    updated: float = 0.0

    @property
    def active(self) -> bool:
        return self.state in ACTIVE_STATES

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> RunStatus:
        """Reads what is known; a status is written by the lab itself, so extras are dropped."""
        known = {item.name for item in fields(cls)}
        source = value if isinstance(value, dict) else {}
        return cls(**{key: item for key, item in source.items() if key in known})


def _from_json(value: Any) -> Control:
    if not isinstance(value, dict):
        return Control()
    rate = value.get("learning_rate")
    return Control(bool(value.get("pause")), bool(value.get("stop")), rate)

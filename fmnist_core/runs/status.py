"""The status of a run, and its control file: pause, stop, another learning rate.

What is read may have been cut short, edited by hand, or come from elsewhere: numbers are checked
for their range, so that no page is given a date or a duration that it cannot write.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json, write_json
from fmnist_core.config.rules import rule_of
from fmnist_core.config.training import TrainConfig

ENDED_STATES = ("finished", "stopped", "failed", "crashed")


@dataclass(frozen=True)
class Control:
    """The present requests; `learning_rate` replaces the base rate of the configuration.

    `give_way` comes from the engine: after its epoch the training makes room for others who wait.
    """

    pause: bool = False
    stop: bool = False
    learning_rate: float | None = None
    give_way: bool = False

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


# queued -> running <-> paused -> finished | stopped | failed; running -> queued: it gave way.
# crashed: its process ended unexpectedly; it can be continued from its last epoch.
ACTIVE_STATES = ("queued", "running", "paused")
# Its status cannot be read: neither trained nor evaluated, only deleted.
DAMAGED = "damaged"

# `worker` of a run that a command or a program trains in its own process; "" until it is known.
HERE = "here"

# The first second of 2100: what the lab has written is older.
_LATEST = 4_102_444_800
_MOST_COUNT, _MOST_SECONDS = 2**31, 10**9


@dataclass(frozen=True)
class RunStatus:
    """The content of `status.json`.

    Attributes:
        state: One of `ACTIVE_STATES` or `ENDED_STATES`; `DAMAGED` of a file that cannot be read.
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

    @property
    def in_own_process(self) -> bool:
        """Whether a command or a program began to train it, not the engine."""
        return self.state in ("running", "paused") and self.worker in ("", HERE)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> RunStatus:
        """Reads what is known and drops extras; `DAMAGED` with the reason where it is no status."""
        if not isinstance(value, dict):
            return cls(state=DAMAGED, error="The run's status.json is missing or damaged.")
        known = {item.name for item in fields(cls)}
        status = cls(**{key: item for key, item in value.items() if key in known})
        wrong = [name for name, is_right in _RULES.items() if not is_right(getattr(status, name))]
        if not wrong:
            return status
        received = f"{wrong[0]} = {getattr(status, wrong[0])!r}"[:80]
        return cls(state=DAMAGED, error=f"The run's status.json holds no valid {received}.")


def is_number(value: object, most: float) -> bool:
    """Whether it is a number from 0 to `most`."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return 0 <= value <= most


def is_moment(value: object) -> bool:
    """Whether it is a Unix time in seconds before the year 2100."""
    return is_number(value, _LATEST)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and is_number(value, _MOST_COUNT)


def _is_share(value: object) -> bool:
    return value is None or is_number(value, 1.0)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


_RULES: dict[str, Callable[[Any], bool]] = {
    "state": lambda value: value in ACTIVE_STATES + ENDED_STATES,
    **dict.fromkeys(("epoch", "epochs", "attempt", "best_epoch", "pid"), _is_count),
    "seconds": lambda value: is_number(value, _MOST_SECONDS),
    **dict.fromkeys(("best_validation_accuracy", "test_accuracy"), _is_share),
    **dict.fromkeys(("error", "advice", "worker"), _is_text),
    "updated": is_moment,
}


def _from_json(value: Any) -> Control:
    if not isinstance(value, dict):
        return Control()
    rate = value.get("learning_rate")
    pause, stop, give_way = (bool(value.get(name)) for name in ("pause", "stop", "give_way"))
    return Control(pause, stop, rate, give_way)

"""What a person asks of a running training: pause, stop, another learning rate."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from fmnist_core.config.rules import rule_of
from fmnist_core.config.training import TrainConfig
from fmnist_core.durable import read_json, write_json


@dataclass(frozen=True)
class Control:
    """The present wishes; `learning_rate` replaces the base rate of the configuration."""

    pause: bool = False
    stop: bool = False
    learning_rate: float | None = None

    def __post_init__(self) -> None:
        if self.learning_rate is not None:
            rate = rule_of(TrainConfig, "learning_rate").check("learning_rate", self.learning_rate)
            object.__setattr__(self, "learning_rate", rate)


class ControlFile:
    """Wishes kept in the run's `control.json`, so that every process can see them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = -1
        self._control = Control()

    def read(self) -> Control:
        """The present wishes; costs one `stat` while nothing changed."""
        try:
            stamp = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return Control()
        if stamp != self._stamp:
            self._stamp, self._control = stamp, _from_json(read_json(self._path))
        return self._control

    def change(self, **wishes: Any) -> Control:
        """Replaces the named wishes and keeps the others.

        Raises:
            ConfigError: A learning rate out of its range.
        """
        control = replace(self.read(), **wishes)
        write_json(self._path, asdict(control))
        return control


def _from_json(value: Any) -> Control:
    if not isinstance(value, dict):
        return Control()
    rate = value.get("learning_rate")
    return Control(bool(value.get("pause")), bool(value.get("stop")), rate)

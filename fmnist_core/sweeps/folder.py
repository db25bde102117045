"""The sweep folder: everything about one sweep but its runs, which are ordinary runs.

sweep.json         the configuration, name, owner and time of creation; never changed
trials.jsonl       the diary: what was tried, by which run, and what came of it
control.json       the request to stop
importance.json    which settings mattered, computed after each trial
end.json           how it ended; absent while it goes on

Optuna keeps no storage of its own here. Its study is made anew from the diary before each
suggestion (0.04 s for a dozen trials, 0.06 s for two hundred), so that after `kill -9` there is
one truth and no second one that may contradict the run folders.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json, write_json
from fmnist_core.config.migration import present_key
from fmnist_core.config.rules import Text
from fmnist_core.errors import ConfigError, SweepError
from fmnist_core.permissions import acting, check_see, owner_of_new
from fmnist_core.runs.events import EventWriter, read_events
from fmnist_core.runs.folder import new_folder
from fmnist_core.runs.status import ControlFile
from fmnist_core.sweeps.config import SweepConfig
from fmnist_core.sweeps.trial import Trial, fold_trials

_SWEEP_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
# Its runs bear it as a tag, and tags are this long at most.
_NAME = Text(30)


@dataclass(frozen=True)
class SweepMeta:
    """The name of a sweep, its owner, and its start (Unix time)."""

    name: str
    owner: str = ""
    created: float = 0.0


@dataclass(frozen=True)
class SweepEnd:
    """`finished`, `stopped` or `failed`, with the reason where it failed."""

    state: str
    error: str = ""
    advice: str = ""


class SweepFolder:
    """Reads and writes the parts of one sweep folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name

    @classmethod
    def create(
        cls, sweeps_dir: Path, config: SweepConfig, *, name: str = "", owner: str = ""
    ) -> SweepFolder:
        """A new folder.

        Raises:
            ConfigError: A name that is not one line of at most 30 characters.
            StorageError: The disk is full or cannot be written.
        """
        label = _NAME.check("The name", name.strip()) or f"{config.base.preset or 'own'} sweep"
        folder = cls(new_folder(sweeps_dir, config.base.preset or "own"))
        meta = {"name": label[:30], "owner": owner_of_new(owner), "created": time.time()}
        write_json(folder.path / "sweep.json", {"config": config.to_json(), **meta})
        return folder

    @classmethod
    def open(cls, sweeps_dir: Path, sweep_id: str) -> SweepFolder:
        """The folder of an existing sweep.

        Raises:
            SweepError: The identifier is malformed or names no sweep.
            NotAllowedError: Who acts may not see it.
        """
        folder = cls(sweeps_dir / sweep_id)
        if not _SWEEP_ID.fullmatch(sweep_id) or not folder.path.is_dir():
            raise SweepError(
                "There is no such sweep.", received=repr(sweep_id[:80]), advice="See `sweep list`."
            )
        if acting() is not None:
            check_see(folder.owner, "this sweep")
        return folder

    @property
    def owner(self) -> str:
        """Nobody's where `sweep.json` is damaged."""
        value = read_json(self.path / "sweep.json")
        return str(value.get("owner") or "") if isinstance(value, dict) else ""

    def read(self) -> tuple[SweepConfig, SweepMeta]:
        """The configuration, and what the sweep is called.

        Raises:
            ConfigError: `sweep.json` is damaged or of another version.
        """
        value = read_json(self.path / "sweep.json")
        if not isinstance(value, dict):
            raise ConfigError("The sweep's sweep.json is missing or damaged.", received=self.id)
        config = SweepConfig.from_json(value.get("config"))
        try:
            created = float(value.get("created", 0.0))
        except (TypeError, ValueError, OverflowError):
            created = 0.0
        name, owner = str(value.get("name") or self.id), str(value.get("owner") or "")
        return config, SweepMeta(name, owner, created)

    @property
    def diary_path(self) -> Path:
        return self.path / "trials.jsonl"

    @property
    def trials(self) -> tuple[Trial, ...]:
        """The recorded trials; the progress of a running trial is in its run folder."""
        return fold_trials(read_events(self.diary_path)[0])

    def write(self, kind: str, number: int, **values: Any) -> None:
        """Adds a line about a trial to the diary.

        Raises:
            StorageError: The disk is full or cannot be written.
        """
        writer = EventWriter(self.diary_path)
        try:
            writer.write(kind, number=number, **values)
        finally:
            writer.close()

    def note_trial(self, number: int, values: Mapping[str, Any]) -> Trial:
        """Writes down what will be tried, before it is."""
        self.write("trial", number, values=dict(values))
        return Trial(number, values)

    def note_end_of(self, trial: Trial, state: str, error: str = "", advice: str = "") -> Trial:
        """Writes down what came of a trial: known from now on, whatever becomes of its run."""
        ended = replace(trial, state=state, error=error, advice=advice)
        self.write(
            "ended",
            trial.number,
            state=state,
            accuracies=list(trial.accuracies),
            score=trial.score,
            epochs=trial.epochs,
            seconds=trial.seconds,
            error=error,
            advice=advice,
        )
        return ended

    @property
    def control(self) -> ControlFile:
        return ControlFile(self.path / "control.json")

    @property
    def end(self) -> SweepEnd | None:
        """None while the sweep goes on."""
        value = read_json(self.path / "end.json")
        if not isinstance(value, dict):
            return None
        known = (str(value.get(key) or "") for key in ("state", "error", "advice"))
        return SweepEnd(*known)

    def set_end(self, end: SweepEnd) -> None:
        value = {"state": end.state, "error": end.error, "advice": end.advice}
        write_json(self.path / "end.json", value)

    @property
    def importance(self) -> dict[str, float]:
        """Path of each setting and its share of what made a difference; empty when not known."""
        value = read_json(self.path / "importance.json")
        if not isinstance(value, dict):
            return {}
        return {present_key(str(path)): float(share) for path, share in value.items()}

    def set_importance(self, shares: Mapping[str, float]) -> None:
        write_json(self.path / "importance.json", dict(shares))


def sweep_folders(sweeps_dir: Path) -> list[SweepFolder]:
    """All sweep folders, the oldest first; what has a leading dot is being deleted."""
    if not sweeps_dir.is_dir():
        return []
    found = [path for path in sweeps_dir.iterdir() if path.is_dir() and path.name[0] != "."]
    return [SweepFolder(path) for path in sorted(found)]

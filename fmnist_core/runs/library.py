"""All runs at a glance, cheap enough to be asked for at every rerun of a page."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import read_json, stamp
from fmnist_core.errors import LabError, RunError
from fmnist_core.models.cost import summarise
from fmnist_core.permissions import sight
from fmnist_core.runs.folder import Origin, RunFolder
from fmnist_core.runs.naming import automatic_name, run_name
from fmnist_core.runs.status import ACTIVE_STATES, DAMAGED, HERE
from fmnist_core.settings import Settings

# A folder is made a moment before its configuration is in it.
_SECONDS_OF_BIRTH = 5.0

# A training says "running" before it imports Keras, and holds its folder after that.
_SECONDS_OF_START = 30.0

_READ_FILES = (
    "config.json",
    "meta.json",
    "status.json",
    "provenance.json",
    "evaluation.json",
    "checkpoint.json",
)

_CONTINUE = "Continue it from its last saved epoch."
_ANEW = "It had saved nothing yet: train it again from its configuration."


@dataclass(frozen=True)
class RunSummary:
    """One line of the table of runs.

    Attributes:
        name, configuration: As given, else the automatic name; the automatic name (`naming.py`).
        state: One of the states of `status.py`, or `"damaged"` with the reason in `error`.
        data, fingerprint: Which images it learned from; the fingerprint is empty until known.
        besides: Stands for the own collections it learned from and the images it left out; empty
            where there were none.
        official: Whether these were the published ones; None until known.
        recipe, seed: What runs of one configuration share (`RunConfig.recipe`), and their seed.
        parameters: Of its network; None where the configuration cannot be read.
        seconds: Spent training.
        best_validation_accuracy, test_accuracy: 0 to 1, None where there is none (yet).
        created: Unix time.
        pid, updated: The training process, and the Unix time of the last change of its status.
        evaluated: Whether figures on the test images are stored.
        resumable: Whether it can be continued from a saved epoch.
        interrupted: A command or a program trained it and is gone, and no person has said yet
            whether it goes on; its state is `crashed`.
        origin: The run that it is a copy of, taken by a code; None: trained here, or imported.
    """

    id: str
    name: str
    state: str
    tags: tuple[str, ...] = ()
    owner: str = ""
    data: str = ""
    official: bool | None = None
    fingerprint: str = ""
    besides: str = ""
    preset: str = ""
    recipe: str = ""
    seed: int = 0
    parameters: int | None = None
    epoch: int = 0
    epochs: int = 0
    seconds: float = 0.0
    best_validation_accuracy: float | None = None
    test_accuracy: float | None = None
    created: float = 0.0
    error: str = ""
    advice: str = ""
    worker: str = ""
    pid: int = 0
    updated: float = 0.0
    evaluated: bool = False
    resumable: bool = False
    interrupted: bool = False
    configuration: str = ""
    origin: Origin | None = None

    @property
    def named(self) -> bool:
        """Whether somebody gave it its name."""
        return self.name != self.configuration

    @property
    def active(self) -> bool:
        return self.state in ACTIVE_STATES

    @property
    def can_continue(self) -> bool:
        """Whether it ended before its time and left something to go on from."""
        return self.resumable and self.state in ("stopped", "failed", "crashed")


def list_runs(settings: Settings) -> list[RunSummary]:
    """A summary of every run that who acts may see, newest first.

    A folder that is damaged or not the lab's own is listed as such and harms no other.
    Unchanged runs are answered from memory.

    Raises:
        LabError: The folder of runs exists and cannot be read.
    """
    found = [_as_of_now(_cached(path), path) for path in _folders(settings.runs_dir)]
    may_see = sight()
    known = [summary for summary in found if summary is not None and may_see(summary.owner)]
    return sorted(known, key=lambda summary: (summary.created, summary.id), reverse=True)


def summary_of(folder: RunFolder) -> RunSummary:
    """The summary of one run, read anew."""
    return _as_of_now(_read(folder.path), folder.path) or _damaged(folder.path, "It is empty.")


def known_summary(folder: RunFolder) -> RunSummary:
    """The same, answered from memory while its files are unchanged."""
    return _as_of_now(_cached(folder.path), folder.path) or _damaged(folder.path, "It is empty.")


def _folders(runs_dir: Path) -> list[Path]:
    try:
        with os.scandir(runs_dir) as entries:
            return [
                runs_dir / entry.name
                for entry in entries
                if entry.is_dir() and not entry.name.startswith(".")
            ]
    except FileNotFoundError:
        return []
    except OSError as error:
        if isinstance(error, NotADirectoryError) and not runs_dir.parent.is_dir():
            # A file in place of the home holds no runs; that nothing can be saved is told anyway.
            return []
        raise LabError(
            f"The folder of runs cannot be read: {error.strerror}.",
            received=str(runs_dir),
            advice="Choose another folder with FMNIST_HOME.",
        ) from error


_Stamp = tuple[tuple[int, int, int], ...]
_memory: dict[Path, tuple[_Stamp, RunSummary | None]] = {}


def _cached(path: Path) -> RunSummary | None:
    now = _stamp(path)
    remembered = _memory.get(path)
    if remembered is not None and remembered[0] == now and remembered[1] is not None:
        return remembered[1]
    summary = _read(path)
    _memory[path] = (now, summary)
    return summary


def _stamp(path: Path) -> _Stamp:
    return tuple(stamp(f"{path}/{name}") for name in _READ_FILES)


def _read(path: Path) -> RunSummary | None:
    if not (path / "config.json").exists() and _newborn(path):
        return None
    try:
        return _summarise(RunFolder(path))
    except LabError as error:
        return _damaged(path, str(error))
    except (AttributeError, TypeError, ValueError, OverflowError, OSError) as error:
        return _damaged(path, f"Its files do not have the lab's form ({error}).")


def _newborn(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime < _SECONDS_OF_BIRTH
    except OSError:
        return True


def _damaged(path: Path, reason: str) -> RunSummary:
    advice = f"Check the folder, or delete it: {path}"
    created = stamp(path)[0] / 1e9
    return RunSummary(path.name, path.name, DAMAGED, created=created, error=reason, advice=advice)


def _summarise(folder: RunFolder) -> RunSummary:
    config, meta, status = folder.config, folder.meta, folder.status
    if status.state == DAMAGED:
        raise RunError(status.error)
    data = _data_of(folder)
    return RunSummary(
        id=folder.id,
        name=run_name(meta.name, config),
        configuration=automatic_name(config),
        tags=tuple(str(tag) for tag in meta.tags),
        owner=meta.owner,
        state=status.state,
        data=str(data.get("name") or config.training.dataset),
        official=data.get("official"),
        fingerprint=str(data.get("fingerprint") or ""),
        besides=_besides(folder.provenance),
        preset=config.preset,
        recipe=config.recipe,
        seed=config.training.seed,
        parameters=_parameters(config),
        epoch=status.epoch,
        epochs=status.epochs,
        seconds=status.seconds,
        best_validation_accuracy=status.best_validation_accuracy,
        test_accuracy=status.test_accuracy,
        created=meta.created,
        error=status.error,
        advice=status.advice,
        worker=status.worker,
        pid=status.pid,
        updated=status.updated,
        evaluated=folder.evaluation_path.is_file(),
        resumable=folder.resumable,
        origin=meta.origin,
    )


def _parameters(config: Any) -> int | None:
    try:
        return summarise(config.model).parameters
    except LabError:
        # An impossible network is refused before it runs, and its error is in the status.
        return None


def _data_of(folder: RunFolder) -> dict[str, Any]:
    data = folder.provenance.get("data")
    if not isinstance(data, dict):
        evaluation = read_json(folder.evaluation_path)
        data = evaluation.get("data") if isinstance(evaluation, dict) else None
    return data if isinstance(data, dict) else {}


def _besides(provenance: dict[str, Any]) -> str:
    parts = {key: provenance.get(key) for key in ("collections", "dropped")}
    if not any(parts.values()):
        return ""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


def _as_of_now(summary: RunSummary | None, path: Path) -> RunSummary | None:
    """Detects a process that ended unexpectedly, which leaves its files as they were."""
    if summary is None or summary.state not in ("running", "paused"):
        return summary
    # The engine answers for those that it trains; of others the flock can be seen from here.
    if summary.worker not in ("", HERE) or _starting(summary) or _held(RunFolder(path)):
        return summary
    return replace(
        summary,
        state="crashed",
        interrupted=True,
        error=summary.error or "Its process ended unexpectedly.",
        advice=summary.advice or (_CONTINUE if summary.resumable else _ANEW),
    )


def _starting(summary: RunSummary) -> bool:
    """Whether its process lives and may not have taken hold of the folder yet."""
    if time.time() - summary.updated > _SECONDS_OF_START or summary.pid <= 0:
        return False
    try:
        os.kill(summary.pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _held(folder: RunFolder) -> bool:
    try:
        return folder.held
    except (LabError, OSError):
        # A read-only disk says nothing about the process: leave the state as it was written.
        return True

"""The current state of a sweep, cheap enough to read every second."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from statistics import median

from fmnist_core.atomic_files import stamp
from fmnist_core.errors import ConfigError, LabError, RunError
from fmnist_core.permissions import sight
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import History, ReadHistory, follow
from fmnist_core.runs.status import ENDED_STATES, RunStatus
from fmnist_core.settings import Settings
from fmnist_core.sweeps.config import SweepConfig
from fmnist_core.sweeps.folder import SweepEnd, SweepFolder, SweepMeta, sweep_folders
from fmnist_core.sweeps.trial import Trial

RUNNING, STOPPING, DAMAGED = "running", "stopping", "damaged"

# Diaries of runs that still train, each read on from where it was left.
_read_history: dict[Path, ReadHistory] = {}


@dataclass(frozen=True)
class Sweep:
    """A sweep and its trials.

    Attributes:
        state: `running`, `stopping`, `finished`, `stopped`, `failed` or `damaged`.
        config: None where the sweep is damaged.
        importance: Path of each setting and its share of what made a difference.
        error, advice: What went wrong, and what to do.
    """

    id: str
    meta: SweepMeta
    state: str
    config: SweepConfig | None = None
    trials: tuple[Trial, ...] = ()
    importance: dict[str, float] = field(default_factory=dict)
    error: str = ""
    advice: str = ""

    @property
    def active(self) -> bool:
        return self.state in (RUNNING, STOPPING)

    @property
    def total(self) -> int:
        """Trials it will make, or has made where it was ended before."""
        return self.config.total if self.config and self.active else len(self.trials)

    @property
    def ended(self) -> int:
        """Trials that are over."""
        return sum(not trial.active for trial in self.trials)

    @property
    def evaluated(self) -> tuple[Trial, ...]:
        """Trials that ended with a figure, the best first."""
        found = [trial for trial in self.trials if trial.evaluated]
        return tuple(sorted(found, key=lambda trial: -(trial.score or 0.0)))

    @property
    def best(self) -> Trial | None:
        """The best so far, by the images held back; None before the first figure."""
        return next(iter(self.evaluated), None)

    def seconds_left(self, slots: int) -> float | None:
        """Until the last trial is over, by the median of those that are; None before the first."""
        took = [trial.over - trial.begun for trial in self.trials if trial.run_id and trial.over]
        if not took or not self.active:
            return None
        each = median(took)
        begun = [trial for trial in self.trials if trial.active and trial.begun]
        done = sum(min(time.time() - trial.begun, each) for trial in begun)
        left = len(begun) if self.state == STOPPING else self.total - self.ended
        return max(0.0, left * each - done) / max(1, min(slots, left))


def read_sweep(folder: SweepFolder, settings: Settings) -> Sweep:
    """The sweep now; one that cannot be read is `damaged`, with the reason."""
    try:
        config, meta = folder.read()
    except LabError as error:
        advice = f"Check the folder, or delete it: {folder.path}"
        return Sweep(folder.id, SweepMeta(folder.id), DAMAGED, error=f"{error.fact}", advice=advice)
    end = folder.end
    trials = tuple(
        trial if not trial.active else watched(trial, config, settings) for trial in folder.trials
    )
    if end is not None:
        # What was about to be handed over when it ended never came to a run.
        trials = tuple(trial for trial in trials if trial.state != "new")
    state = _state(folder, end)
    end = end or SweepEnd(state)
    return Sweep(folder.id, meta, state, config, trials, folder.importance, end.error, end.advice)


def list_sweeps(settings: Settings) -> list[Sweep]:
    """All sweeps that who acts may see, the newest first."""
    found = [read_sweep(folder, settings) for folder in sweep_folders(settings.sweeps_dir)]
    may_see = sight()
    seen = [sweep for sweep in found if may_see(sweep.meta.owner)]
    return sorted(seen, key=lambda sweep: (sweep.meta.created, sweep.id), reverse=True)


def trial_runs(settings: Settings) -> dict[str, str]:
    """The sweep, by its identifier, of each run that was begun as a trial of one."""
    return {
        run_id: folder.id
        for folder in sweep_folders(settings.sweeps_dir)
        for run_id in _own_runs(folder.path, stamp(folder.diary_path))
    }


@lru_cache(maxsize=256)
def _own_runs(sweep: Path, _now: tuple[int, int, int]) -> tuple[str, ...]:
    trials = SweepFolder(sweep).trials
    return tuple(trial.run_id for trial in trials if trial.run_id and trial.own)


def unfinished(settings: Settings) -> list[SweepFolder]:
    """Sweeps that the engine has to go on with; a damaged one is none."""
    return [folder for folder in sweep_folders(settings.sweeps_dir) if _goes_on(folder)]


def _goes_on(folder: SweepFolder) -> bool:
    if folder.end is not None:
        return False
    try:
        folder.read()
    except ConfigError:
        return False
    return True


def _state(folder: SweepFolder, end: SweepEnd | None) -> str:
    if end is not None:
        return end.state
    return STOPPING if folder.control.read().stop else RUNNING


def watched(trial: Trial, config: SweepConfig, settings: Settings) -> Trial:
    """A trial that is not over in the diary, with what its run's folder says now.

    Once the run has ended its state is that of the run, `deleted` where the run is gone.
    """
    if not trial.run_id:
        return trial
    try:
        run = RunFolder.open(settings.runs_dir, trial.run_id)
    except RunError:
        return replace(trial, state="deleted")
    # The status first: what has ended has its whole diary.
    status = run.status
    history = _history(run)
    accuracies = tuple(
        point.val_accuracy for point in history.epochs_done if point.val_accuracy is not None
    )
    keep = config.run_config(trial.values).training.keep_weights
    return replace(
        trial,
        state=_state_of(trial, status),
        accuracies=accuracies,
        score=_score(accuracies, keep),
        epochs=status.epochs,
        seconds=status.seconds or sum(point.seconds for point in history.epochs_done),
        error=status.error,
        advice=status.advice,
    )


def _history(run: RunFolder) -> History:
    followed = follow(run.events_path, _read_history.get(run.path))
    _read_history[run.path] = followed
    if followed.history.end is not None:
        # The last reading: the sweep's own record has finished trials from now on.
        _read_history.pop(run.path)
    return followed.history


def _state_of(trial: Trial, status: RunStatus) -> str:
    if status.state == "stopped":
        return "pruned" if trial.pruned else "stopped"
    if status.state in ENDED_STATES:
        return "finished" if status.state == "finished" else "failed"
    return "waiting" if status.state == "queued" else "training"


def _score(accuracies: tuple[float, ...], keep: str) -> float | None:
    if not accuracies:
        return None
    return max(accuracies) if keep == "best" else accuracies[-1]

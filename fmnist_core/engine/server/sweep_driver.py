"""Runs sweeps in the engine: starts trials in free slots, prunes early, records results.

All that is known of a sweep is in its folder and in the folders of its runs. Each round begins
by reading them, so that an engine that was killed goes on where it was.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress

from fmnist_core.classroom import left_over
from fmnist_core.config import RunConfig
from fmnist_core.engine import lifecycle
from fmnist_core.engine.server import recovery
from fmnist_core.engine.submission import enqueue, queue_of
from fmnist_core.errors import EngineError, LabError, RunError, StorageError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import Settings
from fmnist_core.sweeps import (
    Sweep,
    SweepConfig,
    SweepEnd,
    SweepFolder,
    SweepMeta,
    Trial,
    read_sweep,
    unfinished,
)
from fmnist_core.sweeps.advisor import below_median, importance, next_values
from fmnist_core.sweeps.reading import watched

_PRUNED_TAG = "pruned"

# How many epochs of each run were weighed already.
_weighed: dict[str, int] = {}


_PACE_SECONDS = 0.25
_TROUBLE_SECONDS = 3.0
# What fails so often from the start fails for a reason that all trials share.
_FAILURES_AT_FIRST = 3

log = logging.getLogger(__name__)


class SweepDriver:
    """Never has more trials in the queue than the engine has slots, all sweeps together."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._not_before: dict[str, float] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Serves until `stop` is set; at the next start it goes on."""
        while not stop.is_set():
            try:
                await asyncio.to_thread(self.turn)
            except (LabError, OSError) as error:
                log.error("Sweeps: %s", error)
            except Exception:
                log.exception("A look at the sweeps failed.")
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _PACE_SECONDS)

    def turn(self) -> None:
        """One look at every sweep that is not over."""
        free = self._slots()
        hungry: dict[SweepFolder, int] = {}
        aside = left_over(self._settings).sweeps
        for folder in unfinished(self._settings):
            if folder.id in aside and not folder.control.read().stop:
                continue
            sweep = self._looked_at(folder) if self._is_due(folder) else None
            if sweep is None:
                continue
            free -= _active(sweep)
            if sweep.state == "running":
                hungry[folder] = _active(sweep)
        self._begin_trials(hungry, free)

    def _begin_trials(self, hungry: dict[SweepFolder, int], free: int) -> None:
        """Fills the free slots; who has the fewest trials in the engine comes first."""
        while hungry and free > 0:
            folder = min(hungry, key=lambda one: hungry[one])
            begun = self._begin(folder)
            if begun is None:
                del hungry[folder]
            else:
                hungry[folder] += begun
                free -= begun

    def _is_due(self, folder: SweepFolder) -> bool:
        return time.monotonic() >= self._not_before.get(folder.id, 0.0)

    def _slots(self) -> int:
        info = lifecycle.read_info(self._settings)
        return info.slots if info else self._settings.slots

    def _later(self, folder: SweepFolder, error: Exception) -> None:
        """One sweep in trouble (a full disk) does not hold up the others."""
        log.error("%s: %s Trying again.", folder.id, error)
        self._not_before[folder.id] = time.monotonic() + _TROUBLE_SECONDS

    def _looked_at(self, folder: SweepFolder) -> Sweep | None:
        try:
            return self._look(folder)
        except (LabError, OSError) as error:
            self._later(folder, error)
            return None

    def _look(self, folder: SweepFolder) -> Sweep:
        config, _ = folder.read()
        before = folder.trials
        trials = tuple(
            _trial_now(trial, before, folder, config, self._settings) for trial in before
        )
        if any(old.active and not new.active for old, new in zip(before, trials, strict=True)):
            folder.set_importance(importance(config, trials))
        sweep = read_sweep(folder, self._settings)
        if sweep.state == "stopping":
            for trial in trials:
                _stop_run(trial, self._settings)
        end = _end_of(sweep, trials)
        if end is None:
            return sweep
        folder.set_end(end)
        return read_sweep(folder, self._settings)

    def _begin(self, folder: SweepFolder) -> int | None:
        """The number of started runs: 1, or 0 after a refusal; None if none can start."""
        sweep = read_sweep(folder, self._settings)
        assert sweep.config is not None
        try:
            found = _next_trial(folder, sweep)
            if found is None:
                return None
            trial, again = found
            place = (folder, sweep.config, sweep.meta, self._settings)
            return int(_begin_trial(trial, *place, again=again))
        except (LabError, OSError) as error:
            self._later(folder, error)
            return None


def _next_trial(folder: SweepFolder, sweep: Sweep) -> tuple[Trial, bool] | None:
    """A new trial, or one that was noted before and is to be begun again (true).

    None where all were begun.
    """
    assert sweep.config is not None
    for trial in sweep.trials:
        if trial.state == "new":
            return trial, True
    values = next_values(sweep.config, sweep.trials)
    return None if values is None else (folder.note_trial(len(sweep.trials) + 1, values), False)


def _active(sweep: Sweep) -> int:
    return sum(trial.state in ("waiting", "training") for trial in sweep.trials)


def _end_of(sweep: Sweep, trials: Sequence[Trial]) -> SweepEnd | None:
    assert sweep.config is not None
    if any(trial.state in ("waiting", "training") for trial in trials):
        return None
    if sweep.state == "stopping":
        return SweepEnd("stopped")
    complete = len(trials) >= sweep.config.total and not any(trial.active for trial in trials)
    if any(trial.evaluated for trial in trials):
        return SweepEnd("finished") if complete else None
    failed = [trial for trial in trials if trial.state == "failed"]
    if len(failed) >= _FAILURES_AT_FIRST or (complete and trials):
        return _failure(trials, failed)
    return None


def _failure(trials: Sequence[Trial], failed: Sequence[Trial]) -> SweepEnd:
    first = (list(failed) or [trial for trial in trials if trial.error] or list(trials))[0]
    what = "All trials failed." if failed else "None of the combinations can be trained."
    if failed and len(failed) < len(trials):
        what = "No trial came to a figure."
    return SweepEnd("failed", f"{what} {first.error}".strip(), first.advice)


def _begin_trial(
    trial: Trial,
    folder: SweepFolder,
    config: SweepConfig,
    meta: SweepMeta,
    settings: Settings,
    *,
    again: bool = False,
) -> bool:
    """Queues the trial's run, or notes with its sentence that it cannot be trained.

    Args:
        again: Whether the trial was begun before, by an engine that was killed over it.

    Returns:
        Whether there is a run now.

    Raises:
        StorageError, EngineError: It may work later.
    """
    name = f"{meta.name} {trial.number:02d}"
    try:
        run_config = config.run_config(trial.values)
        run = _begun_before(run_config, name, meta, settings) if again else None
        own = True
        if run is None:
            done = enqueue(run_config, name=name, owner=meta.owner, settings=settings)
            run = RunFolder.open(settings.runs_dir, done.run_id)
            own = not done.already
    except (StorageError, EngineError):
        raise
    except LabError as error:
        folder.note_end_of(trial, "refused", error.fact, error.advice)
        return False
    if own:
        run.describe(tags=(meta.name,))
    folder.write("run", trial.number, run=run.id, own=own)
    return True


def _begun_before(
    config: RunConfig, name: str, meta: SweepMeta, settings: Settings
) -> RunFolder | None:
    """The run of this trial, where the engine was killed before it could note it."""
    for run in list_runs(settings):
        if run.name == name and run.owner == meta.owner and run.created >= meta.created:
            folder = RunFolder(settings.runs_dir / run.id)
            with suppress(LabError):
                if folder.config == config:
                    return folder
    return None


def _trial_now(
    trial: Trial,
    trials: Sequence[Trial],
    folder: SweepFolder,
    config: SweepConfig,
    settings: Settings,
) -> Trial:
    """The trial now; its end is noted, and it is stopped where it lags behind the others.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    if not trial.active or not trial.run_id:
        return trial
    now = watched(trial, config, settings)
    if not now.active:
        error = now.error or ("Its run was deleted." if now.state == "deleted" else "")
        return folder.note_end_of(now, now.state, error, now.advice)
    if not config.pruning or not now.own:
        return now
    if not now.pruned and _is_news(now) and below_median(config, trials, now):
        folder.write("pruned", now.number, epoch=len(now.accuracies))
        run = RunFolder.open(settings.runs_dir, now.run_id)
        run.describe(tags=(*run.meta.tags, _PRUNED_TAG))
        _stop_run(now, settings)
    elif now.pruned:
        _stop_run(now, settings)
    return now


def _is_news(trial: Trial) -> bool:
    epochs = len(trial.accuracies)
    if _weighed.get(trial.run_id) == epochs:
        return False
    _weighed[trial.run_id] = epochs
    return epochs > 0


def _stop_run(trial: Trial, settings: Settings) -> None:
    """Asks the trial's run to stop, once; one that was there before the sweep goes on."""
    if not trial.active or not trial.own or not trial.run_id:
        return
    with suppress(RunError):
        run = RunFolder.open(settings.runs_dir, trial.run_id)
        if run.control.read().stop or not run.status.active:
            return
        run.control.change(stop=True)
        queue = queue_of(settings)
        if queue.stop_waiting(run.id):
            recovery.end(queue, run, "stopped")

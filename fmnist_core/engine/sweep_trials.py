"""One trial of a sweep: its run is handed to the queue, watched, and stopped where it lags."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from fmnist_core.config import RunConfig
from fmnist_core.engine import recovery
from fmnist_core.engine.submission import enqueue, queue_of
from fmnist_core.errors import EngineError, LabError, RunError, StorageError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.library import list_runs
from fmnist_core.settings import Settings
from fmnist_core.sweeps import SweepConfig, SweepFolder, SweepMeta, Trial
from fmnist_core.sweeps.advisor import lags_behind
from fmnist_core.sweeps.reading import watched

PRUNED_TAG = "pruned"


def begin_trial(
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
        run.tag((meta.name,))
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


def look_at(
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
    if not now.pruned and _is_news(now) and lags_behind(config, trials, now):
        folder.write("pruned", now.number, epoch=len(now.accuracies))
        run = RunFolder.open(settings.runs_dir, now.run_id)
        run.tag((*run.meta.tags, PRUNED_TAG))
        stop_run(now, settings)
    elif now.pruned:
        stop_run(now, settings)
    return now


# How many epochs of each run were weighed already.
_weighed: dict[str, int] = {}


def _is_news(trial: Trial) -> bool:
    epochs = len(trial.accuracies)
    if _weighed.get(trial.run_id) == epochs:
        return False
    _weighed[trial.run_id] = epochs
    return epochs > 0


def stop_run(trial: Trial, settings: Settings) -> None:
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

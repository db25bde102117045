"""The engine's interface for pages and the command line: runs, repetitions, sweeps, predictions.

Importing this costs nothing: Dask is loaded only where a trained network is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from fmnist_core.classroom import Classroom
from fmnist_core.classroom.stage import check_not_frozen
from fmnist_core.config import RunConfig, with_seeds
from fmnist_core.engine import lifecycle
from fmnist_core.engine.deletion import delete_folder, delete_run
from fmnist_core.engine.inference.ablation import ablatable_layers, ablate
from fmnist_core.engine.inference.embedding_map import (
    data_map,
    place_on_map,
    stop_tsne,
    tsne_map,
)
from fmnist_core.engine.inference.feature_visualization import (
    activation_maximization_of,
    filters_of,
    top_activations,
)
from fmnist_core.engine.inference.label_issues import (
    known_label_issues,
    label_issue_search,
    search_label_issues,
    stop_label_issue_search,
)
from fmnist_core.engine.inference.predictions import (
    attribution_of,
    classify,
    convolutions,
    evaluate_run,
    explain_prediction,
    feature_maps_of,
    grad_cam_of,
    occlusion_of,
    predict_calibrated,
    step_through,
    tapped_layers,
)
from fmnist_core.engine.lifecycle import EngineInfo, ensure_engine, start_failure, stop_engine
from fmnist_core.engine.server import recovery
from fmnist_core.engine.server.connection import wait_until_idle
from fmnist_core.engine.server.recovery import orphaned_runs
from fmnist_core.engine.submission import (
    Submission,
    active_run,
    queue_of,
    room_in_line,
    submit,
    submit_all,
    wake,
)
from fmnist_core.errors import RunError, SweepError
from fmnist_core.evaluation import repeats_of
from fmnist_core.permissions import check_change, check_member
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.index import RunIndex, queue_key
from fmnist_core.runs.library import list_runs, summary_of
from fmnist_core.runs.status import ACTIVE_STATES, Control
from fmnist_core.settings import Settings
from fmnist_core.sweeps import Sweep, SweepConfig, SweepFolder, list_sweeps, read_sweep, unfinished
from fmnist_core.training.check import check_trainable
from fmnist_core.training.class_holdout import for_class

__all__ = [
    "EngineInfo",
    "EngineStatus",
    "Submission",
    "ablatable_layers",
    "ablate",
    "activation_maximization_of",
    "attribution_of",
    "classify",
    "convolutions",
    "data_map",
    "delete_run",
    "delete_sweep",
    "engine_status",
    "ensure_engine",
    "evaluate_run",
    "explain_prediction",
    "feature_maps_of",
    "filters_of",
    "grad_cam_of",
    "known_label_issues",
    "label_issue_search",
    "leave_interrupted",
    "list_sweeps",
    "occlusion_of",
    "open_sweep",
    "place_on_map",
    "predict_calibrated",
    "recover_engine",
    "repeat",
    "repeat_run",
    "request",
    "resume",
    "search_label_issues",
    "start_failure",
    "start_sweep",
    "step_through",
    "stop_engine",
    "stop_label_issue_search",
    "stop_sweep",
    "stop_tsne",
    "stop_waiting",
    "submit",
    "tapped_layers",
    "top_activations",
    "tsne_map",
]


@dataclass(frozen=True)
class EngineStatus:
    """The engine at a glance.

    Attributes:
        state: As `lifecycle.presence` says it.
        running: Whether its process is there; it may still be starting (then `address` is "").
        halted: A user stopped it; only a new submission starts it again.
        supervised: Whether its supervisor runs, which starts it again when it died.
        failures: How many engines in a row failed at once or soon.
        slots: Trainings at once; workers: processes that train.
        busy, queued: Runs being trained or paused, and runs that wait.
        held: Whether all is paused (`steering.pause_all`).
    """

    state: str
    running: bool
    halted: bool
    supervised: bool
    failures: int
    pid: int
    address: str
    slots: int
    workers: int
    busy: int
    queued: int
    held: bool = False


def resume(run_id: str, settings: Settings) -> Submission:
    """Resumes a stopped, failed or crashed run from its last saved epoch.

    Raises:
        ClassError: The teacher has frozen the pages.
        RunError: There is no such run, it is finished, or one like it is waiting or running.
        StorageError: The disk is full or cannot be written.
    """
    folder = RunFolder.open(settings.runs_dir, run_id)
    check_change(folder.owner, "continue this run")
    check_not_frozen(settings)
    if folder.status.state == "finished":
        raise RunError(
            "A finished run cannot be continued.",
            received=run_id,
            advice="Train again from its configuration with more epochs.",
        )
    index = queue_of(settings)
    wait_until_idle(folder, settings)
    row = index.get(run_id)
    if row is None or row.state != "queued" or folder.status.state != "queued":
        with room_in_line(settings):
            _queue_again(index, folder, settings)
    wake(settings)
    return Submission(run_id)


def leave_interrupted(run_id: str, settings: Settings) -> None:
    """Leaves a run whose command was killed as it is; nobody is asked about it again.

    The engine takes none of them up by itself: a person continues (`resume`) or leaves each.

    Raises:
        RunError: There is no such run, or it is not interrupted.
        StorageError: The disk is full or cannot be written.
    """
    folder = RunFolder.open(settings.runs_dir, run_id)
    check_change(folder.owner, "leave this run as it is")
    now = summary_of(folder)
    if not now.interrupted:
        raise RunError("The run is not interrupted.", received=f"{run_id} ({now.state})")
    folder.change_status(state="crashed", error=now.error, advice=now.advice, pid=0)
    queue_of(settings).set_state(run_id, "crashed")


def request(
    run_id: str,
    settings: Settings,
    *,
    pause: bool | None = None,
    stop: bool | None = None,
    learning_rate: float | None = None,
) -> Control:
    """Asks a run to pause, resume or stop, or to use another base learning rate.

    A run that is still waiting and is asked to stop is stopped at once.

    Raises:
        RunError: There is no such run, or it has ended.
        ConfigError: A learning rate out of its range.
    """
    folder = RunFolder.open(settings.runs_dir, run_id)
    check_change(folder.owner, "pause, stop or steer this run")
    if not folder.status.active:
        raise RunError(
            "The run has ended.",
            received=f"{run_id} ({folder.status.state})",
            advice="Continue it first.",
        )
    requested = {"pause": pause, "stop": stop, "learning_rate": learning_rate}
    control = folder.control.change(
        **{key: value for key, value in requested.items() if value is not None}
    )
    index = queue_of(settings)
    if stop and index.stop_waiting(run_id):
        recovery.end(index, folder, "stopped")
    return control


def engine_status(settings: Settings) -> EngineStatus:
    """The engine's status from its files and the queue; takes a millisecond."""
    counts = queue_of(settings).counts()
    info = lifecycle.read_info(settings)
    state = "running" if info is not None else lifecycle.presence(settings)
    failure = lifecycle.read_failure(settings)
    return EngineStatus(
        state=state,
        running=state in ("running", "starting"),
        halted=lifecycle.halted_path(settings).exists(),
        supervised=lifecycle.is_supervised(settings),
        failures=failure.failures if failure else 0,
        pid=info.pid if info else 0,
        address=info.address if info else "",
        slots=info.slots if info else settings.slots,
        workers=info.workers if info else 0,
        busy=counts.get("running", 0) + counts.get("paused", 0),
        queued=counts.get("queued", 0),
        held=lifecycle.held_path(settings).exists(),
    )


def recover_engine(settings: Settings) -> bool:
    """Starts an engine for unfinished runs or sweeps where none runs and nobody sees to it.

    Its supervisor does so while there is one, until it gives up; see `start_failure`.

    Returns:
        Whether it did.
    """
    if lifecycle.presence(settings) != "off":
        return False
    index = queue_of(settings)
    runs = bool(index.in_state(*ACTIVE_STATES)) or any(orphaned_runs(index, settings))
    if not runs and not unfinished(settings):
        return False
    return lifecycle.start_beside(settings)


def _queue_again(index: RunIndex, folder: RunFolder, settings: Settings) -> None:
    # Whose it is counts, whoever continues it.
    fingerprint = queue_key(folder.config, Classroom(settings).known(folder.owner))
    there = active_run(index, fingerprint, settings)
    if there not in (None, folder.id):
        raise _has_a_twin(there)
    before = folder.status
    index.set_state(folder.id, "crashed" if before.active else before.state)
    index.reset_losses(folder.id)
    folder.control.change(stop=False, pause=False)
    folder.change_status(state="queued", error="", advice="", pid=0)
    # Last: a worker takes a queued run at once, and reads its folder then.
    if not _enqueue(index, folder, fingerprint):
        folder.set_status(before)
        raise _has_a_twin(folder.id)


def _has_a_twin(received: str | None) -> RunError:
    return RunError(
        "A run with the same configuration is already waiting or running.",
        received=received,
        advice="Wait for that one, or stop it first.",
    )


def _enqueue(index: RunIndex, folder: RunFolder, fingerprint: str) -> bool:
    """False if a run of the same configuration was faster."""
    try:
        if index.requeue(folder.id, front=False):
            return True
    except RunError:
        return False
    return index.add(folder.id, fingerprint=fingerprint, owner=folder.meta.owner) == folder.id


def start_sweep(
    config: SweepConfig, *, name: str = "", owner: str = "", settings: Settings
) -> SweepFolder:
    """Begins a sweep in the engine, which is started where it is missing; waits for neither.

    Raises:
        NotAllowedError: Nobody of the class acts.
        ConfigError, ArchitectureError, DataError, NoWeightsError, CollectionError: The
            configuration it begins with cannot be trained (see `check_trainable`); a trial may
            still turn out impossible.
        StorageError: The disk is full or cannot be written.
    """
    check_member("train")
    config = replace(config, base=for_class(config.base, settings))
    check_trainable(config.base, settings, owner=owner)
    with room_in_line(settings):
        folder = SweepFolder.create(settings.sweeps_dir, config, name=name, owner=owner)
    wake(settings)
    return folder


def open_sweep(sweep_id: str, settings: Settings) -> Sweep:
    """The sweep now; a few milliseconds.

    Raises:
        SweepError: There is no such sweep.
    """
    return read_sweep(SweepFolder.open(settings.sweeps_dir, sweep_id), settings)


def stop_sweep(sweep_id: str, settings: Settings) -> None:
    """Asks for a sweep's end: running trials stop after their step and are evaluated.

    Raises:
        SweepError: There is no such sweep, or it has ended.
        StorageError: The disk is full or cannot be written.
    """
    folder = SweepFolder.open(settings.sweeps_dir, sweep_id)
    check_change(folder.owner, "stop this sweep")
    if not (sweep := read_sweep(folder, settings)).active:
        raise SweepError("The sweep has ended.", received=f"{sweep_id} ({sweep.state})")
    folder.control.change(stop=True)


def delete_sweep(sweep_id: str, settings: Settings) -> None:
    """Deletes a sweep's record; its runs stay.

    Raises:
        SweepError: There is no such sweep, or it goes on.
        StorageError: The disk cannot be written; the record is whole.
    """
    folder = SweepFolder.open(settings.sweeps_dir, sweep_id)
    check_change(folder.owner, "delete this sweep")
    if read_sweep(folder, settings).active:
        raise SweepError("The sweep goes on.", received=sweep_id, advice="Stop it first.")
    delete_folder(folder.path)


def repeat(
    config: RunConfig, seeds: int, *, name: str = "", owner: str = "", settings: Settings
) -> tuple[Submission, ...]:
    """Queues a configuration with consecutive seeds from its own on, under one name.

    Each is a run like any other: it waits its turn, and one that waits or trains already is not
    started twice. What was queued before an error stays; asked again, the rest is added. A student
    who may not have all of them wait gets none.

    Args:
        seeds: How many, 1 to `MOST_SEEDS`.

    Raises:
        ClassError: A student is over a limit of the class.
        ConfigError: Another number, or as `submit`.
        ArchitectureError, CollectionError, DataError, StorageError: As `submit`.
    """
    return submit_all(with_seeds(config, seeds), name=name, owner=owner, settings=settings)


def repeat_run(
    run_id: str, more: int, *, owner: str = "", settings: Settings
) -> tuple[Submission, ...]:
    """Queues the configuration of a finished run with `more` seeds that it was not tried with.

    Seeds whose training was stopped are tried again.

    Raises:
        RunError: There is no such run, or it did not train to its end.
        ClassError: A student is over a limit of the class; none is queued.
        ConfigError: `more` is not from 1 to `MOST_SEEDS`, or as `submit`.
        ArchitectureError, CollectionError, DataError, StorageError: As `submit`.
    """
    folder = RunFolder.open(settings.runs_dir, run_id)
    summary = summary_of(folder)
    if summary.state != "finished":
        raise RunError(
            "Only a run that trained to its end is repeated with more seeds.",
            received=f"{run_id} ({summary.state})",
            advice="Wait for its end, or continue it.",
        )
    alike = repeats_of(summary, list_runs(settings)).runs
    taken = {run.seed for run in alike if run.state != "stopped"}
    configs = with_seeds(folder.config, more, taken)
    return submit_all(configs, name=folder.meta.name, owner=owner, settings=settings)


def stop_waiting(run_ids: Iterable[str], settings: Settings) -> tuple[str, ...]:
    """Stops those of the runs that nobody has begun; those in training go on.

    Returns:
        The runs that were stopped.

    Raises:
        NotAllowedError: One of them belongs to somebody else; none is stopped.
        StorageError: The list of runs cannot be written.
    """
    queue, stopped = queue_of(settings), []
    run_ids = list(run_ids)
    for run_id in run_ids:
        check_change(RunFolder(settings.runs_dir / run_id).owner, "stop this run")
    # From the back: a place that falls free in between is not given to one about to be stopped.
    for run_id in reversed(run_ids):
        if queue.stop_waiting(run_id):
            stopped.append(run_id)
            recovery.end(queue, RunFolder(settings.runs_dir / run_id), "stopped")
    return tuple(reversed(stopped))

"""Handing a run to the engine's queue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from fmnist_core.atomic_files import storage_errors
from fmnist_core.classroom import Classroom
from fmnist_core.config import RunConfig
from fmnist_core.engine import lifecycle
from fmnist_core.engine.deletion import delete_folder
from fmnist_core.engine.server import recovery
from fmnist_core.errors import ClassError
from fmnist_core.locks import locked
from fmnist_core.permissions import acting, check_member, owner_of_new
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.index import RunIndex, queue_key
from fmnist_core.settings import Settings
from fmnist_core.sweeps import trial_runs, unfinished
from fmnist_core.training.check import check_trainable
from fmnist_core.training.class_holdout import for_class, note_begun
from fmnist_core.training.distillation import teacher_network
from fmnist_core.training.initial_weights import initial_weights


@dataclass(frozen=True)
class Submission:
    """The run of a submission; `already` if an equal one existed."""

    run_id: str
    already: bool = False


def submit(config: RunConfig, *, name: str = "", owner: str = "", settings: Settings) -> Submission:
    """Queues a run and starts the engine where it is missing; waits for neither.

    The same configuration submitted again while it waits or runs is the same run.

    Raises:
        As `enqueue`.
    """
    done = enqueue(config, name=name, owner=owner, settings=settings)
    wake(settings)
    return done


def submit_all(
    configs: Sequence[RunConfig], *, name: str = "", owner: str = "", settings: Settings
) -> tuple[Submission, ...]:
    """Queues all of them, or none where a student may not have as many wait.

    Raises:
        As `enqueue`. What was queued before another error stays.
    """
    index, person_id = queue_of(settings), _maker(owner, settings)
    keys = [queue_key(for_class(each, settings), person_id) for each in configs]
    if new := sum(active_run(index, key, settings) is None for key in keys):
        check_waiting(settings, new)
    return tuple(submit(each, name=name, owner=owner, settings=settings) for each in configs)


def enqueue(
    config: RunConfig, *, name: str = "", owner: str = "", settings: Settings
) -> Submission:
    """Queues a run and leaves the engine as it is: what runs within it must not undo a stop.

    Raises:
        NotAllowedError: Nobody of the class acts.
        ClassError: A student is over a limit of the class.
        ConfigError, ArchitectureError, DataError, NoWeightsError, CollectionError: It cannot be
            trained (see `check_trainable`).
        StorageError: The disk is full or cannot be written.
    """
    check_member("train")
    config = for_class(config, settings)
    check_trainable(config, settings, owner=owner)
    initial = initial_weights(config, settings)
    teacher = teacher_network(config, settings)
    index = queue_of(settings)
    person_id = _maker(owner, settings)
    key = queue_key(config, person_id)
    there = active_run(index, key, settings)
    if there is None:
        with room_in_line(settings):
            folder = RunFolder.create(
                settings.runs_dir, config, name=name, owner=owner, initial=initial, teacher=teacher
            )
            note_begun(folder.id, config, settings)
            chosen = index.add(folder.id, fingerprint=key, owner=person_id or owner)
        if chosen != folder.id:
            there = chosen
            delete_folder(folder.path)
    return Submission(there, True) if there else Submission(folder.id)


def _maker(owner: str, settings: Settings) -> str:
    """The person whose run it becomes; empty outside of a class."""
    return owner_of_new("") or Classroom(settings).known(owner)


@contextmanager
def room_in_line(settings: Settings) -> Iterator[None]:
    """As `check_waiting`, for as long as something is added: a student adds one at a time, from
    however many tabs.

    Raises:
        ClassError, StorageError: As `check_waiting`.
    """
    person = acting()
    if person is None or person.teaches:
        yield
        return
    path = settings.home / "class" / "waiting" / f"{person.id}.lock"
    with storage_errors(path), locked(path):
        check_waiting(settings)
        yield


def check_waiting(settings: Settings, more: int = 1) -> None:
    """Whether who acts may have so many more runs or sweeps wait. A sweep counts as one, however
    many trials it has.

    Raises:
        ClassError: A student would have more waiting than the teacher allows.
    """
    person, limits = acting(), Classroom(settings).limits_for()
    if person is None or limits is None:
        return
    waiting = waiting_of(person.id, settings)
    if waiting + more > (most := limits.waiting):
        left = max(0, most - waiting)
        raise ClassError(
            f"In this class a student has at most {most} run{'s' if most > 1 else ''} waiting.",
            received=f"{waiting} waiting and {more} more",
            advice=f"{left} more can wait now." if left else "Wait for one of them, or stop one.",
        )


def waiting_of(person_id: str, settings: Settings) -> int:
    """How many runs and sweeps of a person wait; trials of a sweep are not counted beside it."""
    trials = trial_runs(settings)
    rows = queue_of(settings).in_state("queued")
    waiting = sum(row.owner == person_id and row.id not in trials for row in rows)
    return waiting + sum(sweep.owner == person_id for sweep in unfinished(settings))


def queue_of(settings: Settings) -> RunIndex:
    """The queue of this lab."""
    return RunIndex(settings.index_path, settings.runs_dir)


def wake(settings: Settings) -> None:
    """Starts the engine where it is missing, also where a person had stopped it."""
    lifecycle.start_now(settings)


def active_run(index: RunIndex, fingerprint: str, settings: Settings) -> str | None:
    """The active run with this configuration; a row that its folder contradicts is set right."""
    there = index.active_with(fingerprint)
    if there is None:
        return None
    folder = recovery.open_or_forget(index, settings.runs_dir, there)
    if folder is None:
        return None
    if (status := folder.status).active:
        return there
    index.set_state(there, status.state)
    return None

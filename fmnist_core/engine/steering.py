"""What a teacher does with all that trains and waits: put one run first, pause or stop all; and
what was left over from before the class is set aside until they are asked.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from fmnist_core.atomic_files import storage_errors
from fmnist_core.classroom import Classroom, LeftOver, cross_off, left_over, note_left_over
from fmnist_core.engine import lifecycle
from fmnist_core.engine.client import resume, stop_sweep
from fmnist_core.engine.server import recovery
from fmnist_core.engine.submission import queue_of, wake
from fmnist_core.errors import LabError, RunError, SweepError
from fmnist_core.permissions import check_teacher
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.index import IndexedRun
from fmnist_core.runs.status import ACTIVE_STATES
from fmnist_core.settings import Settings
from fmnist_core.sweeps import SweepFolder, unfinished

# What a class did so long ago was another lesson.
_LESSON_SECONDS = 3 * 3600.0

log = logging.getLogger(__name__)


def put_first(run_id: str, settings: Settings) -> None:
    """The run starts when the next slot falls free.

    Raises:
        NotAllowedError: A student acts.
        RunError: The run does not wait.
        StorageError: The list of runs cannot be written.
    """
    check_teacher("put a run first")
    if not queue_of(settings).put_first(run_id):
        raise RunError("Only a run that waits can be put first.", received=run_id)


def pause_all(settings: Settings) -> None:
    """Pauses all that the engine trains, and begins nothing more until `resume_all`.

    Raises:
        NotAllowedError: A student acts.
        StorageError: The disk is full or cannot be written.
    """
    check_teacher("pause all training")
    path = lifecycle.held_path(settings)
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def resume_all(settings: Settings) -> None:
    """What was paused by `pause_all` goes on; who had paused a run of theirs finds it paused.

    Raises:
        NotAllowedError: A student acts.
        StorageError: The disk cannot be written.
    """
    check_teacher("resume all training")
    path = lifecycle.held_path(settings)
    with storage_errors(path):
        path.unlink(missing_ok=True)


def stop_all(settings: Settings) -> int:
    """Stops all runs that train or wait, and all sweeps; weights trained so far are kept.

    Returns:
        How many runs.

    Raises:
        NotAllowedError: A student acts.
        StorageError: The disk is full or cannot be written.
    """
    check_teacher("stop all training")
    for sweep in unfinished(settings):
        sweep.control.change(stop=True)
    rows = queue_of(settings).in_state(*ACTIVE_STATES)
    # From the back: a slot that falls free in between goes to nobody who is about to be stopped.
    for row in sorted(rows, key=lambda row: row.state != "queued"):
        _stop(row, settings)
    resume_all(settings)
    return len(rows)


def _stop(row: IndexedRun, settings: Settings) -> None:
    index, folder = queue_of(settings), RunFolder(settings.runs_dir / row.id)
    if not (folder.path / "config.json").is_file():
        return
    folder.control.change(stop=True)
    if index.stop_waiting(row.id):
        recovery.end(index, folder, "stopped")


def set_aside(settings: Settings) -> LeftOver:
    """As a class begins: what was begun by nobody in it, or in an earlier lesson, takes no slot.

    Waiting runs are stopped, those in training after their step; sweeps begin no more trials. All
    are kept as they are, and noted for the teacher, who is asked (`continue_left_over`).

    Returns:
        What is set aside now, with what was before.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    classroom, index = Classroom(settings), queue_of(settings)

    def is_older(owner: str, heard: float) -> bool:
        return not classroom.known(owner) or time.time() - heard > _LESSON_SECONDS

    runs = []
    for row in index.in_state(*ACTIVE_STATES):
        folder = RunFolder(settings.runs_dir / row.id)
        status = folder.status
        # What a command trains in its own process holds no slot, and is asked about already.
        held_here = status.active and not status.in_own_process
        if held_here and is_older(row.owner, max(row.submitted, status.updated)):
            runs.append(folder)
            _set_aside(folder, settings)
    for folder in recovery.orphaned_runs(index, settings):
        runs.append(folder)
        recovery.end(index, folder, "stopped")
    sweeps = [each for each in unfinished(settings) if is_older(each.owner, _heard(each))]
    for run in runs:
        log.warning("%s was left over and is set aside.", run.id)
    return note_left_over(settings, [run.id for run in runs], [sweep.id for sweep in sweeps])


def _set_aside(folder: RunFolder, settings: Settings) -> None:
    index = queue_of(settings)
    if index.stop_waiting(folder.id) or not lifecycle.is_alive(settings):
        recovery.say(folder, "Set aside as the class began; the teacher is asked.")
        recovery.end(index, folder, "stopped")
    else:
        folder.control.change(stop=True)


def _heard(sweep: SweepFolder) -> float:
    try:
        return max(path.stat().st_mtime for path in (sweep.path, sweep.diary_path) if path.exists())
    except (OSError, ValueError):
        return 0.0


def continue_left_over(settings: Settings) -> None:
    """The teacher's yes: all that was set aside waits its turn again.

    Raises:
        NotAllowedError: A student acts.
        RunError, StorageError: One of them cannot go on and stays asked about; the others do.
    """
    check_teacher("continue what was left over")
    found = left_over(settings)

    def take_up(name: str) -> None:
        if name in found.runs and RunFolder(settings.runs_dir / name).status.state == "stopped":
            resume(name, settings)
        # Each by itself: what is killed in between is asked about again, but for what goes on.
        cross_off(settings, [name])

    try:
        _each((*found.runs, *found.sweeps), take_up)
    finally:
        if found.sweeps:
            wake(settings)


def leave_left_over(settings: Settings) -> None:
    """The teacher's no: runs stay as they are, and sweeps end with what they have.

    Raises:
        NotAllowedError: A student acts.
        StorageError: The disk is full or cannot be written.
    """
    check_teacher("leave what was left over")
    found = left_over(settings)

    def leave(sweep_id: str) -> None:
        # It may have ended, or be gone.
        with suppress(SweepError):
            stop_sweep(sweep_id, settings)
        # Last: it would go on unasked otherwise.
        cross_off(settings, [sweep_id])

    _each(found.sweeps, leave)
    cross_off(settings, found.runs)


def release_sweeps(settings: Settings) -> None:
    """For a lab that runs alone again: no slot is kept for a class, so sweeps go on.

    Runs that were set aside are stopped ones, which are continued like any other.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    if sweeps := left_over(settings).sweeps:
        cross_off(settings, sweeps)


def _each(names: Iterable[str], deed: Callable[[str], object]) -> None:
    """All of them; then the first error."""
    first: LabError | None = None
    for name in names:
        try:
            deed(name)
        except LabError as error:
            log.warning("%s: %s", name, error)
            first = first or error
    if first is not None:
        raise first

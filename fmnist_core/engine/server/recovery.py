"""Recovery of interrupted and orphaned runs.

Runs whose worker, child or engine was lost resume, with a note; not those that a command trained
in its own process. Orphaned runs are in state `queued`
without an entry in the queue, after a process died between writing the two.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from fmnist_core.atomic_files import read_json
from fmnist_core.classroom import Classroom
from fmnist_core.errors import LabError, RunError, StorageError
from fmnist_core.runs.events import EventWriter, read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.index import RunIndex, queue_key
from fmnist_core.runs.library import list_runs
from fmnist_core.runs.status import ACTIVE_STATES
from fmnist_core.settings import Settings

MOST_LOSSES = 3

# A submission in progress enters the queue within this time.
_ORPHANED_SECONDS = 10.0

log = logging.getLogger(__name__)


def saved_epoch(folder: RunFolder) -> int:
    """Epochs completed in the checkpoint that the lab has; 0 without one."""
    value = read_json(folder.path / "checkpoint.json")
    progress = value.get("progress") if isinstance(value, dict) else None
    return int(progress.get("epoch", 0)) if isinstance(progress, dict) else 0


def repeated_seconds(folder: RunFolder) -> float:
    """Work since the last saved epoch of the last attempt."""
    events, _ = read_events(folder.events_path)
    marks = [event["t"] for event in events if event["kind"] in ("start", "epoch")]
    return max(0.0, events[-1]["t"] - marks[-1]) if marks else 0.0


def note_gap(folder: RunFolder, what: str) -> None:
    """Writes into the diary and the log that work was lost and where the run goes on."""
    epoch, seconds = saved_epoch(folder), repeated_seconds(folder)
    again = f"resuming from there, {seconds:.0f} s of work repeated."
    if epoch == 0:
        again = f"starting over, {seconds:.0f} s of work repeated."
    place = f"after epoch {epoch}" if epoch else "before the first epoch was saved"
    say(folder, f"{what} {place}; {again}")


def requeue(index: RunIndex, folder: RunFolder, what: str) -> None:
    """Puts an interrupted run at the front of the queue, or ends it if that was requested."""
    if folder.control.read().stop:
        _quietly(lambda: say(folder, f"{what}."))
        end(index, folder, "stopped")
        return
    _quietly(lambda: note_gap(folder, what))
    _quietly(lambda: folder.change_status(state="queued", pid=0))
    index.requeue(folder.id)


def gave_way(folder: RunFolder) -> bool:
    """Whether the last that its training said is that it made room for others."""
    if folder.status.state != "queued":
        return False
    events, _ = read_events(folder.events_path)
    return bool(events) and events[-1]["kind"] == "gave_way"


def wait_again(index: RunIndex, folder: RunFolder) -> None:
    """Puts a run that gave way behind all that waits, or ends it if that was requested.

    A pause ends with its turn: it goes on by itself.
    """
    if folder.control.read().stop:
        end(index, folder, "stopped")
        return
    _quietly(lambda: folder.control.change(pause=False))
    index.give_way(folder.id)


def resume_or_fail(index: RunIndex, folder: RunFolder, what: str) -> None:
    """As `requeue`, but a run that is lost again and again without progress ends as failed."""
    losses = index.count_loss(folder.id, saved_epoch(folder))
    if losses < MOST_LOSSES:
        requeue(index, folder, what)
        return
    error = f"{what}, {losses} times in a row without completing an epoch."
    advice = (
        "Most often the memory is too small for it: try a smaller network or batch. "
        "Then continue this run, or train again from its configuration."
    )
    end(index, folder, "failed", error, advice)


def end(index: RunIndex, folder: RunFolder, state: str, error: str = "", advice: str = "") -> None:
    """Ends a run in the place of its child, which cannot do it any more."""
    _quietly(lambda: _write_event(folder, "end", state=state, error=error, advice=advice))
    _quietly(lambda: folder.change_status(state=state, error=error, advice=advice, pid=0))
    index.set_state(folder.id, state)


def say(folder: RunFolder, text: str) -> None:
    """A sentence for people, in the diary and in the log."""
    log.warning("%s: %s", folder.id, text)
    _write_event(folder, "note", text=text)
    with folder.log_path.open("a") as file:
        file.write(f"[engine {time.strftime('%H:%M:%S')}] {text}\n")


def reconcile(index: RunIndex, folder: RunFolder) -> None:
    """Settles a run that the index calls running while this engine does not run it."""
    status = folder.status
    if not status.active:
        index.set_state(folder.id, status.state)
    elif folder.held:
        return
    elif status.in_own_process:
        # Whether it goes on, and takes a slot for hours, is for a person to say.
        index.set_state(folder.id, "crashed")
    elif gave_way(folder):
        wait_again(index, folder)
    else:
        requeue(index, folder, "The engine was lost")


def open_or_forget(index: RunIndex, runs_dir: Path, run_id: str) -> RunFolder | None:
    """The run's folder; a run without one is taken from the index."""
    try:
        return RunFolder.open(runs_dir, run_id)
    except RunError:
        index.remove(run_id)
        return None


def _write_event(folder: RunFolder, kind: str, **values: object) -> None:
    writer = EventWriter(folder.events_path)
    try:
        writer.write(kind, **values)
    finally:
        writer.close()


def _quietly(action: Callable[[], object]) -> None:
    try:
        action()
    except (StorageError, OSError) as error:
        log.error("%s", error if isinstance(error, LabError) else f"{error}")


def orphaned_runs(index: RunIndex, settings: Settings) -> Iterator[RunFolder]:
    """Folders in state `queued` without an entry in the queue; oldest first."""
    for run in reversed(list_runs(settings)):
        if run.state != "queued" or time.time() - run.updated < _ORPHANED_SECONDS:
            continue
        row = index.get(run.id)
        if row is None or row.state not in ACTIVE_STATES:
            yield RunFolder(settings.runs_dir / run.id)


def adopt_orphans(index: RunIndex, settings: Settings) -> None:
    """Queues orphaned runs, or ends those with a stop request."""
    for folder in orphaned_runs(index, settings):
        try:
            _adopt(index, folder, settings)
        except LabError as error:
            log.error("%s: %s", folder.id, error)


def _adopt(index: RunIndex, folder: RunFolder, settings: Settings) -> None:
    if folder.control.read().stop:
        end(index, folder, "stopped")
    elif not _requeued(index, folder):
        meta = folder.meta
        key = queue_key(folder.config, Classroom(settings).known(meta.owner))
        index.add(folder.id, fingerprint=key, owner=meta.owner, submitted=meta.created)


def _requeued(index: RunIndex, folder: RunFolder) -> bool:
    """False if the queue has no row of the run."""
    try:
        return index.requeue(folder.id, front=False)
    except RunError:
        # A run of the same configuration is active: this one waits for its end.
        return True

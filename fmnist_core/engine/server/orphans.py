"""Orphaned runs: their folder is in state `queued`, but they are not in the queue.

That is what remains where a process dies between writing the one and the other.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

from fmnist_core.engine.server import recovery
from fmnist_core.errors import LabError, RunError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.index import RunIndex
from fmnist_core.runs.library import list_runs
from fmnist_core.runs.status import ACTIVE_STATES
from fmnist_core.settings import Settings

# A submission in progress enters the queue within this time.
_ORPHANED_SECONDS = 10.0

log = logging.getLogger(__name__)


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
            _adopt(index, folder)
        except LabError as error:
            log.error("%s: %s", folder.id, error)


def _adopt(index: RunIndex, folder: RunFolder) -> None:
    if folder.control.read().stop:
        recovery.end(index, folder, "stopped")
    elif not _requeued(index, folder):
        meta, fingerprint = folder.meta, folder.config.fingerprint
        index.add(folder.id, fingerprint=fingerprint, owner=meta.owner, submitted=meta.created)


def _requeued(index: RunIndex, folder: RunFolder) -> bool:
    """False if the queue has no row of the run."""
    try:
        return index.requeue(folder.id, front=False)
    except RunError:
        # A run of the same configuration is active: this one waits for its end.
        return True

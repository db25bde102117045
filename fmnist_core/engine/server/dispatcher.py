"""Hands waiting runs to free workers, with the collections they need, and settles their results.

A worker on another machine keeps collections by their content, apart from those that somebody on
that machine has.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from fmnist_core.classroom import Classroom
from fmnist_core.collections.loading import PackedCollections, packed_fingerprint
from fmnist_core.engine import lifecycle
from fmnist_core.engine.chunks import Chunk, chunks_of, receive_chunk
from fmnist_core.engine.deletion import delete_folder, empty_trash
from fmnist_core.engine.server import recovery
from fmnist_core.engine.server.attempt import Attempt, Outcome, Worker
from fmnist_core.engine.server.connection import SILENCE_SECONDS, WorkerLink, known_workers
from fmnist_core.engine.server.dataset_transfer import provide_dataset
from fmnist_core.engine.server.recovery import adopt_orphans
from fmnist_core.engine.server.turns import Holder, giving_way
from fmnist_core.errors import (
    ClassError,
    CollectionError,
    EngineError,
    LabError,
    RunBusyError,
    StorageError,
)
from fmnist_core.runs.expected import learn_from
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.index import IndexedRun, RunIndex
from fmnist_core.runs.pinned_images import keep_pinned_images
from fmnist_core.settings import Settings, load_settings
from fmnist_core.training.excluded_samples import store_excluded
from fmnist_core.training.extra_samples import keep_collections, sweep_packed

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")


QUEUE_SECONDS = 0.1
# The queue is looked through when it has changed, and so often in any case.
_LOOK_SECONDS = 2.0
_RECONCILE_SECONDS = 5.0
_TROUBLE_SECONDS = 2.0
_STEER_SECONDS = 1.0
# Less than after which a run counts as lost: then its worker is known for quiet already.
_QUIET_SECONDS = SILENCE_SECONDS / 2

log = logging.getLogger(__name__)


class Dispatcher:
    """Never hands out more runs than there are free slots, so that a later vote can change."""

    def __init__(self, client: Any, settings: Settings) -> None:
        self._client, self._settings = client, settings
        self._index = RunIndex(settings.index_path, settings.runs_dir)
        self._attempts: dict[str, Attempt] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._reconciled = self._steered = 0.0
        self._seen: tuple[object, int, int] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Serves until `stop` is set, then interrupts what runs; it goes on at the next start.

        Raises:
            ConnectionError: The scheduler is gone for good.
        """
        await asyncio.to_thread(empty_trash, self._settings.runs_dir)
        try:
            while not stop.is_set():
                await self._turn(stop)
                await _sleep(QUEUE_SECONDS, stop)
        finally:
            for attempt in self._attempts.values():
                attempt.interrupt()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _turn(self, stop: asyncio.Event) -> None:
        try:
            self._reconcile()
            held = lifecycle.held_path(self._settings).exists()
            self._steer(held)
            if held:
                self._seen = None
            else:
                await self._hand_out()
        except (LabError, OSError, TimeoutError) as error:
            log.error("%s", error)
            self._seen = None
            await _sleep(_TROUBLE_SECONDS, stop)
        if self._client.status == "closed":
            raise ConnectionError("the scheduler is gone")

    async def workers(self) -> dict[Worker, int]:
        """Workers that train and are heard of, with their number of slots."""
        known = await known_workers(self._client)
        # By the scheduler's clock, which tells a heartbeat from each every second or two.
        latest = max((facts["last_seen"] for facts in known.values()), default=0.0)
        found = {}
        for address, facts in known.items():
            # A machine whose cable was pulled stays known for half a minute: whoever lost a run to
            # it must not be given to it again.
            if latest - facts["last_seen"] > _QUIET_SECONDS:
                continue
            if slots := int(facts["resources"].get("train", 0)):
                found[Worker(address, _title(facts))] = slots
        return found

    async def _hand_out(self) -> None:
        now = (self._index.version(), len(self._attempts), int(time.monotonic() / _LOOK_SECONDS))
        if now == self._seen:
            return
        self._seen = now
        while (row := self._index.next_queued()) is not None:
            worker = await self._free_worker()
            if worker is None:
                return
            folder = recovery.open_or_forget(self._index, self._settings.runs_dir, row.id)
            if folder is None or self._is_settled(row, folder):
                continue
            claimed = self._index.claim(row.id, worker.name)
            if claimed is not None:
                self._begin(claimed, folder, worker)

    def _steer(self, held: bool) -> None:
        """Pauses all while somebody has asked for that, and lets trainings make room for others."""
        for attempt in self._attempts.values():
            attempt.hold(held)
        if time.monotonic() - self._steered < _STEER_SECONDS:
            return
        self._steered = time.monotonic()
        chosen: set[str] = set()
        classroom = Classroom(self._settings)
        if self._attempts and not held and classroom.there:
            holders = [
                Holder(one.run_id, one.owner, one.seconds) for one in self._attempts.values()
            ]
            waiting = [row.owner for row in self._index.line()]
            # Without its file the class has no limits; its page says what is wrong.
            with suppress(ClassError):
                chosen = giving_way(holders, waiting, classroom.limits_of)
        for attempt in self._attempts.values():
            attempt.gives_way = attempt.run_id in chosen

    async def _free_worker(self) -> Worker | None:
        busy = Counter(attempt.worker.address for attempt in self._attempts.values())
        free = {
            worker: slots - busy[worker.address]
            for worker, slots in (await self.workers()).items()
            if slots > busy[worker.address]
        }
        return max(free, key=lambda worker: free[worker]) if free else None

    def _is_settled(self, row: IndexedRun, folder: RunFolder) -> bool:
        if row.unwanted:
            self._delete(folder)
        elif not folder.status.active:
            self._index.set_state(row.id, folder.status.state)
        else:
            return False
        return True

    def _begin(self, row: IndexedRun, folder: RunFolder, worker: Worker) -> None:
        attempt = Attempt(self._client, self._index, folder, row, worker)
        self._attempts[row.id] = attempt
        task = asyncio.create_task(self._conduct(attempt, folder), name=row.id)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _conduct(self, attempt: Attempt, folder: RunFolder) -> None:
        try:
            outcome = await self._provide_images(folder, attempt.worker)
            self._settle(folder, outcome or await attempt.run())
        except RunBusyError:
            self._index.requeue(folder.id, wait=2.0)
        except StorageError as error:
            log.error("%s: %s Trying again.", folder.id, error)
            self._index.requeue(folder.id, wait=5.0)
        except LabError as error:
            recovery.end(self._index, folder, "failed", error.fact, error.advice)
        except Exception as error:
            log.exception("The run %s could not be conducted.", folder.id)
            recovery.resume_or_fail(self._index, folder, f"The engine stumbled ({error})")
        finally:
            self._attempts.pop(folder.id, None)

    async def _provide_images(self, folder: RunFolder, worker: Worker) -> Outcome | None:
        name = folder.config.training.dataset
        try:
            await provide_dataset(self._client, self._settings, name, worker.address)
            await _provide_collections(self._client, self._settings, folder, worker.address)
            training = folder.config.training
            await asyncio.to_thread(store_excluded, folder, training, self._settings)
            await asyncio.to_thread(keep_pinned_images, folder, self._settings)
        except (OSError, TimeoutError) as error:
            # It must not learn from other files of the same names.
            log.warning("%s: images could not be sent to %s: %s", folder.id, worker.name, error)
            return Outcome("lost", f"Images could not be sent to {worker.name} ({error})")
        return None

    def _settle(self, folder: RunFolder, outcome: Outcome) -> None:
        if outcome.kind == "ended":
            self._index.set_state(folder.id, folder.status.state)
            if not self._settings.scheduler:
                # Runs of a cluster were trained on other machines.
                learn_from(folder, self._settings)
        elif outcome.kind == "gave way":
            recovery.wait_again(self._index, folder)
        elif outcome.kind == "failed":
            recovery.end(self._index, folder, "failed", outcome.reason, outcome.advice)
        elif outcome.kind == "deleted":
            self._delete(folder)
        elif outcome.kind == "interrupted":
            recovery.requeue(self._index, folder, outcome.reason)
        else:
            recovery.resume_or_fail(self._index, folder, outcome.reason)

    def _delete(self, folder: RunFolder) -> None:
        try:
            delete_folder(folder.path)
            self._index.remove(folder.id)
        except StorageError as error:
            # The client that asked reports the failure; the run must not train on.
            log.error("%s: %s", folder.id, error)
            recovery.end(self._index, folder, "stopped")

    def _reconcile(self) -> None:
        """Recovers runs left running or orphaned, and deletes unwanted ones."""
        if time.monotonic() - self._reconciled < _RECONCILE_SECONDS:
            return
        self._reconciled = time.monotonic()
        adopt_orphans(self._index, self._settings)
        for row in self._index.in_state("running", "paused"):
            if row.id in self._attempts:
                continue
            folder = recovery.open_or_forget(self._index, self._settings.runs_dir, row.id)
            if folder is not None and row.unwanted:
                self._delete(folder)
            elif folder is not None:
                recovery.reconcile(self._index, folder)


def _title(facts: dict[str, Any]) -> str:
    host = str(facts.get("host") or "").strip()
    return str(facts["name"]) if host in ("", "127.0.0.1") else f"{facts['name']} on {host}"


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def _provide_collections(
    client: Any, settings: Settings, folder: RunFolder, address: str
) -> None:
    """Sends the run's collections to a worker of a cluster, unless they are there already.

    The run's folder, which is sent to the worker afterwards, lists them.

    Raises:
        CollectionError: The lab has no such collection.
        StorageError: The lab's disk is full or cannot be written.
        OSError, TimeoutError: The worker is gone or silent, or cannot keep them.
    """
    kept = await asyncio.to_thread(keep_collections, folder, folder.config, settings)
    if settings.scheduler is None:
        return  # a local worker looks into the lab's own cache
    link, packed = WorkerLink(client, address), PackedCollections(settings)
    for name, fingerprint in kept.items():
        if not await link.call(has_packed, fingerprint):
            log.info("Sending the collection %s to the worker %s.", name, address)
            await _send(link, fingerprint, packed.path(fingerprint))


def has_packed(fingerprint: str) -> bool:
    """Whether this machine has the collection; it is kept for another while then."""
    return PackedCollections(load_settings()).has(_checked(fingerprint))


def receive_packed(fingerprint: str, chunk: Chunk) -> None:
    """Receives one chunk of a packed collection into this machine's cache.

    Raises:
        EngineError: No collection has such a fingerprint.
        OSError: A chunk before this one is missing, or the chunks make no such collection.
    """
    settings = load_settings()
    path = PackedCollections(settings).path(_checked(fingerprint))
    if chunk.offset == 0:
        sweep_packed(settings)
    if receive_chunk(path, chunk):
        _check_arrived(path, fingerprint)


async def _send(link: WorkerLink, fingerprint: str, path: Path) -> None:
    for chunk in chunks_of(await asyncio.to_thread(path.read_bytes)):
        await link.call(receive_packed, fingerprint, chunk)


def _check_arrived(path: Path, fingerprint: str) -> None:
    try:
        arrived = packed_fingerprint(path)
    except CollectionError:
        arrived = ""
    if arrived != fingerprint:
        path.unlink(missing_ok=True)
        raise OSError(f"The collection {fingerprint} did not arrive whole.")


def _checked(fingerprint: str) -> str:
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise EngineError("No collection has such a fingerprint.", received=repr(fingerprint[:40]))
    return fingerprint

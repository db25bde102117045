"""The queue of runs, in SQLite: their order, and that no training is started twice.

The run folders are the truth; this is an index that can be made anew from them at any time.
A missing file is rebuilt on first use, a damaged one is moved aside first. On a disk that takes
nothing, what was there is still answered, and only changes are refused.
"""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from fmnist_core.atomic_files import stamp, storage_errors
from fmnist_core.classroom import Classroom
from fmnist_core.config import RunConfig
from fmnist_core.errors import LabError, RunError, StorageError
from fmnist_core.locks import locked
from fmnist_core.runs.folder import RunFolder, RunMeta
from fmnist_core.runs.status import ACTIVE_STATES
from fmnist_core.settings import Settings

_VERSION = 1
_SCHEMA = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    fingerprint TEXT NOT NULL,
    submitted REAL NOT NULL,
    front INTEGER NOT NULL DEFAULT 0,
    not_before REAL NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0,
    claimed_by TEXT NOT NULL DEFAULT '',
    losses INTEGER NOT NULL DEFAULT 0,
    loss_epoch INTEGER NOT NULL DEFAULT 0,
    unwanted INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX one_active ON runs (fingerprint)
    WHERE state IN ('queued', 'running', 'paused');
CREATE INDEX by_state ON runs (state, submitted);
"""
# Whose turn it is: each owner's next run stands before anybody's second, runs in training counted,
# and who was served longest ago comes first. `not_before` of a run that was begun: when that was.
_LINE = """
WITH owners AS (
    SELECT owner, max(not_before) AS served,
        sum(state IN ('running', 'paused')) AS training FROM runs GROUP BY owner
), line AS (
    SELECT runs.*, runs.rowid AS place, owners.served, owners.training + row_number() OVER (
        PARTITION BY runs.owner ORDER BY runs.front DESC, runs.submitted, runs.rowid
    ) AS turn
    FROM runs JOIN owners USING (owner) WHERE state = 'queued'
)
SELECT * FROM line WHERE not_before <= ? ORDER BY front DESC, turn, served, submitted, place
"""
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class IndexedRun:
    """One row.

    Attributes:
        fingerprint: Its `queue_key`; only one active run may have it.
        submitted: Unix time.
        attempt: How often the run was handed to a worker.
        claimed_by: The worker it was handed to last.
        losses: Attempts lost in a row without a completed epoch in between.
        unwanted: Somebody asked to delete it.
    """

    id: str
    state: str
    owner: str
    fingerprint: str
    submitted: float
    attempt: int
    claimed_by: str
    losses: int
    unwanted: bool


def queue_key(config: RunConfig, person_id: str) -> str:
    """What no two active runs share: the configuration, and in a class whose run it is."""
    return f"{config.fingerprint}-{person_id}" if person_id else config.fingerprint


class RunIndex:
    """Opens the database anew for every call, so that any thread or process may hold one."""

    def __init__(self, path: Path, runs_dir: Path | None = None) -> None:
        self._path = path
        self._runs_dir = runs_dir or path.parent / "runs"

    def add(
        self, run_id: str, *, fingerprint: str, owner: str = "", submitted: float | None = None
    ) -> str:
        """Queues the run, unless one of the same fingerprint is queued, running or paused.

        Returns:
            The run of this fingerprint now: `run_id`, or an existing one.
        """
        when = time.time() if submitted is None else submitted

        def insert(db: sqlite3.Connection) -> str:
            there = _active(db, fingerprint)
            if there is None:
                db.execute(
                    "INSERT OR REPLACE INTO runs (id, state, owner, fingerprint, submitted) "
                    "VALUES (?, 'queued', ?, ?, ?)",
                    (run_id, owner, fingerprint, when),
                )
            return there or run_id

        return self._do(insert)

    def version(self) -> object:
        """Differs (almost surely) from an earlier one if the index has changed; costs 10 µs."""
        return tuple(stamp(self._path.with_name(self._path.name + end)) for end in ("", "-wal"))

    def active_with(self, fingerprint: str) -> str | None:
        """The queued, running or paused run with this configuration."""
        return self._read(lambda db: _active(db, fingerprint))

    def get(self, run_id: str) -> IndexedRun | None:
        found = self.rows("id = ?", run_id)
        return found[0] if found else None

    def next_queued(self) -> IndexedRun | None:
        """Whose turn it is: what was put first or interrupted, then fairly by owner, then age."""
        found = self._read(lambda db: _rows(db.execute(f"{_LINE} LIMIT 1", (time.time(),))))
        return found[0] if found else None

    def line(self) -> list[IndexedRun]:
        """The queued runs in the order in which they will be handed out, as things are now."""
        return self._read(lambda db: _rows(db.execute(_LINE, (math.inf,))))

    def waiting(self) -> list[str]:
        """The identifiers of the same."""
        return [row.id for row in self.line()]

    def in_state(self, *states: str) -> list[IndexedRun]:
        """Rows in one of the states, oldest first."""
        marks = ", ".join("?" * len(states))
        return self.rows(f"state IN ({marks})", *states)

    def counts(self) -> dict[str, int]:
        """The number of runs in each state."""
        query = "SELECT state, count(*) FROM runs GROUP BY state"
        return self._read(lambda db: {row[0]: row[1] for row in db.execute(query)})

    def claim(self, run_id: str, worker: str) -> IndexedRun | None:
        """Claims a queued run for `worker`; None if it is no longer queued."""
        taken = self._change(
            "state = 'running', attempt = attempt + 1, claimed_by = ?, front = 0, not_before = ?",
            "id = ? AND state = 'queued'",
            worker,
            time.time(),
            run_id,
        )
        return self.get(run_id) if taken else None

    def set_state(self, run_id: str, state: str) -> bool:
        """Notes the state that the run's folder has; False where there is no such row."""
        return self._change("state = ?", "id = ?", state, run_id)

    def requeue(self, run_id: str, *, front: bool = True, wait: float = 0.0) -> bool:
        """Back into the queue, at its front, not to be taken within `wait` seconds.

        Raises:
            RunError: Another run with the same configuration is waiting or running.
        """
        try:
            return self._change(
                "state = 'queued', front = ?, not_before = ?, claimed_by = '', unwanted = 0",
                "id = ?",
                int(front),
                time.time() + wait if wait else 0.0,
                run_id,
            )
        except sqlite3.IntegrityError:
            raise RunError(
                "A run with the same configuration is already waiting or running.",
                received=run_id,
                advice="Wait for that one, or stop it first.",
            ) from None

    def give_way(self, run_id: str) -> bool:
        """Back into the queue, behind all that waits now: the run has had its turn."""
        now = time.time()
        return self._change(
            "state = 'queued', front = 0, not_before = ?, submitted = ?, claimed_by = ''",
            "id = ?",
            now,
            now,
            run_id,
        )

    def put_first(self, run_id: str) -> bool:
        """Before all that waits now; False where it does not wait."""
        return self._change(
            "front = (SELECT 1 + max(front) FROM runs WHERE state = 'queued')",
            "id = ? AND state = 'queued'",
            run_id,
        )

    def stop_waiting(self, run_id: str) -> bool:
        """Marks a run stopped that nobody has begun; False where it is not queued."""
        return self._change("state = 'stopped'", "id = ? AND state = 'queued'", run_id)

    def count_loss(self, run_id: str, epoch: int) -> int:
        """Notes a lost attempt that had got to `epoch`.

        Returns:
            Losses in a row without a completed epoch in between, this one included.
        """
        self._change(
            "losses = CASE WHEN loss_epoch = ? THEN losses + 1 ELSE 1 END, loss_epoch = ?",
            "id = ?",
            epoch,
            epoch,
            run_id,
        )
        row = self.get(run_id)
        return row.losses if row else 0

    def reset_losses(self, run_id: str) -> None:
        """A person takes the run up again: it has all its tries."""
        self._change("losses = 0, loss_epoch = 0", "id = ?", run_id)

    def mark_unwanted(self, run_id: str) -> bool:
        """Asks the engine to end and delete the run."""
        return self._change("unwanted = 1", "id = ?", run_id)

    def remove(self, run_id: str) -> None:
        """Forgets the run."""
        self._do(lambda db: db.execute("DELETE FROM runs WHERE id = ?", (run_id,)).rowcount)

    def rows(self, condition: str, *values: object) -> list[IndexedRun]:
        query = f"SELECT * FROM runs WHERE {condition} ORDER BY submitted, rowid"
        return self._read(lambda db: _rows(db.execute(query, values)))

    def _change(self, assignments: str, condition: str, *values: object) -> bool:
        statement = f"UPDATE runs SET {assignments} WHERE {condition}"
        return self._do(lambda db: db.execute(statement, values).rowcount > 0)

    def _do(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """Runs `work` in a transaction of its own."""

        def all_or_nothing(db: sqlite3.Connection) -> Answer:
            with _transaction(db):
                return work(db)

        return self._use(all_or_nothing)

    def _read(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        try:
            return self._use(work)
        except StorageError as error:
            if _is_busy(error.__cause__):
                raise
            with self._unchangeable() as db:
                return work(db)

    def _use(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        try:
            with self._connection() as db:
                return work(db)
        except sqlite3.OperationalError as error:
            raise StorageError(
                f"The list of runs {self._path} cannot be used: {error}.",
                advice=f"{_advice(error)} The runs themselves are untouched.",
            ) from error
        except sqlite3.IntegrityError:
            raise
        except sqlite3.DatabaseError:
            self._move_aside()
        with self._connection() as db:
            return work(db)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with storage_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=5.0, isolation_level=None)) as db:
            db.row_factory = sqlite3.Row
            if db.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                self._create(db)
            db.execute("PRAGMA synchronous = NORMAL")
            yield db

    @contextmanager
    def _unchangeable(self) -> Iterator[sqlite3.Connection]:
        """The file as it lies on a full or read-only disk; made of the folders where there is none.

        Whoever still has it open on such a disk has its log open too, and `_use` does not fail.
        """
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
            with suppress(sqlite3.Error):
                path = f"{self._path.absolute().as_uri()}?mode=ro&immutable=1"
                with closing(sqlite3.connect(path, uri=True)) as there:
                    there.backup(db)
            db.row_factory = sqlite3.Row
            if db.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                for statement in filter(str.strip, _SCHEMA.split(";")):
                    db.execute(statement)
                _fill(db, self._runs_dir)
            yield db

    def _create(self, db: sqlite3.Connection) -> None:
        db.execute("PRAGMA journal_mode = WAL")
        with _transaction(db):
            # Another process may have been quicker while this one waited for the lock.
            if db.execute("PRAGMA user_version").fetchone()[0] == _VERSION:
                return
            for statement in filter(str.strip, _SCHEMA.split(";")):
                db.execute(statement)
            _fill(db, self._runs_dir)
            db.execute(f"PRAGMA user_version = {_VERSION}")

    def _move_aside(self) -> None:
        with locked(self._path.with_suffix(".lock")):
            if _is_sound(self._path):
                return
            for ending in ("", "-wal", "-shm"):
                part = self._path.with_name(self._path.name + ending)
                if part.exists():
                    part.replace(part.with_name(f"{part.name}.damaged-{time.time_ns()}"))


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _is_busy(error: BaseException | None) -> bool:
    busy = sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED
    return isinstance(error, sqlite3.Error) and error.sqlite_errorcode & 0xFF in busy


def _advice(error: sqlite3.OperationalError) -> str:
    if _is_busy(error):
        return "Another process is busy with it: try again in a moment."
    return "Free some space or choose another folder with FMNIST_HOME."


def _is_sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path, timeout=5.0)) as db:
            return db.execute("PRAGMA quick_check").fetchone()[0] == "ok"
    except sqlite3.DatabaseError:
        return False


def _active(db: sqlite3.Connection, fingerprint: str) -> str | None:
    marks = ", ".join("?" * len(ACTIVE_STATES))
    query = f"SELECT id FROM runs WHERE fingerprint = ? AND state IN ({marks})"
    found = db.execute(query, (fingerprint, *ACTIVE_STATES)).fetchone()
    return found["id"] if found else None


def _rows(cursor: sqlite3.Cursor) -> list[IndexedRun]:
    names = IndexedRun.__dataclass_fields__
    rows = [{name: row[name] for name in names} for row in cursor]
    return [IndexedRun(**{**row, "unwanted": bool(row["unwanted"])}) for row in rows]


def _fill(db: sqlite3.Connection, runs_dir: Path) -> None:
    # A leading dot: being deleted.
    folders = [RunFolder(path.parent) for path in runs_dir.glob("[!.]*/config.json")]
    classroom = Classroom(Settings(home=runs_dir.parent))
    for folder, meta in sorted(map(_with_meta, folders), key=lambda pair: pair[1].created):
        status, fingerprint = folder.status, _key(folder, classroom.known(meta.owner))
        if status.in_own_process:
            continue  # a command trains it, or did: it never was in the queue
        if status.active and _active(db, fingerprint):
            # Both were begun before the list was lost, so both keep their place.
            fingerprint += f"-{folder.id}"
        db.execute(
            "INSERT INTO runs (id, state, owner, fingerprint, submitted, attempt) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (folder.id, status.state, meta.owner, fingerprint, meta.created, status.attempt),
        )


def _with_meta(folder: RunFolder) -> tuple[RunFolder, RunMeta]:
    """A folder whose names are damaged keeps its place among the oldest: nobody's run."""
    try:
        return folder, folder.meta
    except LabError:
        return folder, RunMeta("")


def _key(folder: RunFolder, person_id: str) -> str:
    try:
        return queue_key(folder.config, person_id)
    except LabError:
        return f"unreadable-{folder.id}"

"""The run's folder on the worker's own disk. Called by the engine, runs in the worker.

Every function names the run and the attempt, so that a late word about an earlier attempt
never touches a later one. A folder lives until the engine has everything and releases it.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fmnist_core.engine.chunks import (
    APPENDED,
    CHECKPOINTS,
    CHUNK,
    REPLACED,
    SMALL,
    STATUS,
    Chunk,
    Report,
    receive_chunk,
)
from fmnist_core.engine.chunks import checked_name as checked

# When the engine last asked about an attempt; read by its supervisor.
_asked: dict[Path, float] = {}


def folder_of(worker: Any, run_id: str, attempt: int) -> Path:
    """The folder of this attempt's files; its name is the run's identifier."""
    return Path(worker.local_directory) / "runs" / str(attempt) / run_id


def seconds_since_asked(folder: Path) -> float:
    """Seconds since the engine last asked for this attempt."""
    return time.monotonic() - _asked.setdefault(folder, time.monotonic())


def receive(run_id: str, attempt: int, name: str, chunk: Chunk, dask_worker: Any = None) -> None:
    """Receives one chunk of a file, which appears with its last chunk.

    Raises:
        EngineError: No run has a file of that name.
        OSError: A piece before this one is missing.
    """
    folder = folder_of(dask_worker, run_id, attempt)
    _asked[folder] = time.monotonic()
    receive_chunk(folder / checked(name), chunk)


def collect(
    run_id: str,
    attempt: int,
    offsets: dict[str, int],
    stamps: dict[str, str],
    dask_worker: Any = None,
) -> Report:
    """News beyond the `offsets` of appended files and the known `stamps` of others."""
    folder = folder_of(dask_worker, run_id, attempt)
    _asked[folder] = time.monotonic()
    present: dict[str, str] = {}
    small: dict[str, bytes] = {}

    def check(path: Path) -> None:
        name = str(path.relative_to(folder))
        content = _look(path, stamps.get(name), present, name)
        if content is not None:
            small[name] = content

    # What speaks about others comes first: the others are then at least as new.
    check(folder / STATUS)
    appended = {name: _appended(folder / name, offsets.get(name, 0)) for name in APPENDED}
    for name in reversed(REPLACED[:-1]):
        check(folder / name)
    for path in _checkpoints(folder):
        check(path)
    return Report({name: data for name, data in appended.items() if data}, present, small)


def fetch(
    run_id: str, attempt: int, name: str, stamp: str, offset: int, dask_worker: Any = None
) -> bytes | None:
    """At most `CHUNK` bytes of a file; None where it is not the file of that stamp any more."""
    path = folder_of(dask_worker, run_id, attempt) / checked(name)
    try:
        with path.open("rb") as file:
            if _stamp(path) != stamp:
                return None
            file.seek(offset)
            return file.read(CHUNK)
    except FileNotFoundError:
        return None


def release(run_id: str, attempt: int, dask_worker: Any = None) -> None:
    """Forgets the attempt and deletes its files."""
    folder = folder_of(dask_worker, run_id, attempt)
    _asked.pop(folder, None)
    shutil.rmtree(folder, ignore_errors=True)


def _checkpoints(folder: Path) -> Iterator[Path]:
    for path in sorted((folder / CHECKPOINTS).glob("[!.]*")):
        if path.is_file():
            yield path


def _look(path: Path, known: str | None, present: dict[str, str], name: str) -> bytes | None:
    try:
        stamp = _stamp(path)
        content = None
        if stamp != known and path.stat().st_size <= SMALL:
            content = path.read_bytes()
    except FileNotFoundError:
        return None
    present[name] = stamp
    return content


def _stamp(path: Path) -> str:
    facts = path.stat()
    return f"{facts.st_ino}-{facts.st_mtime_ns}-{facts.st_size}"


def _appended(path: Path, offset: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read(CHUNK)
    except FileNotFoundError:
        return b""
    return data[: data.rfind(b"\n") + 1] if path.suffix == ".jsonl" else data

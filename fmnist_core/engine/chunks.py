"""File transfer in chunks: split by the sender, assembled by the receiver.

Every sending has a token of its own, so that two at once do not get into each other's file.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fmnist_core.errors import EngineError

APPENDED = ("trace.jsonl", "events.jsonl", "worker.log")

STATUS = "status.json"

# Replaced as a whole whenever they change. Those further down speak about those further up, so
# they are read first on the worker and stored last in the lab.
REPLACED = (
    "teacher.npz",
    "provenance.json",
    "feature_maps.npz",
    "model.keras",
    "calibration.json",
    "validation.npz",
    "predictions.npz",
    "evaluation.json",
    "checkpoint.json",
    STATUS,
)

CHECKPOINTS = "checkpoints"

SENT = (
    "initial.keras",
    "teacher.keras",
    "teacher.npz",
    "collections.json",
    "dropped.json",
    "probes.json",
    "provenance.json",
    "config.json",
    "meta.json",
    "status.json",
    "control.json",
    "checkpoint.json",
)

# A line of 1 Mbit/s takes half of the time in which a worker must answer (`connection.py`) for it.
CHUNK = 512 * 2**10

SMALL = 64 * 2**10

_CHECKPOINT = re.compile(CHECKPOINTS + r"/[A-Za-z0-9][A-Za-z0-9._-]{0,100}")


@dataclass(frozen=True)
class Report:
    """Changes in a scratch folder.

    Attributes:
        appended: New bytes of `APPENDED` files; whole lines only of the diary.
        present: Every other file of the run by name, with its stamp.
        small: Content of those that changed and are no larger than `SMALL`.
    """

    appended: dict[str, bytes] = field(default_factory=dict)
    present: dict[str, str] = field(default_factory=dict)
    small: dict[str, bytes] = field(default_factory=dict)


_TOKEN = re.compile(r"[0-9a-f]{16}")
# What a sender that was lost has left is deleted after so long.
_ABANDONED_SECONDS = 3600.0


@dataclass(frozen=True)
class Chunk:
    """One piece of a file.

    Attributes:
        token: The same for all chunks of one transfer.
        offset: Where in the file the piece begins, in bytes.
        last: Whether the file is whole with it.
    """

    token: str
    offset: int
    data: bytes
    last: bool


def chunks_of(content: bytes) -> Iterator[Chunk]:
    """Splits content into chunks of at most `CHUNK` bytes; an empty file is one chunk."""
    token = secrets.token_hex(8)
    for offset in range(0, max(1, len(content)), CHUNK):
        end = offset + CHUNK
        yield Chunk(token, offset, content[offset:end], end >= len(content))


def receive_chunk(path: Path, chunk: Chunk) -> bool:
    """Receives one chunk of the file `path`, which appears atomically with the last one.

    A piece that arrives twice does no harm.

    Returns:
        Whether the file is in place now.

    Raises:
        EngineError: The token is not one that `chunks_of` makes.
        OSError: A piece before this one is missing: it must be sent anew.
    """
    if not _TOKEN.fullmatch(chunk.token):
        raise EngineError("A chunk of a file has no valid token.", received=repr(chunk.token[:40]))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".receiving-{chunk.token}-{path.name}")
    if chunk.offset == 0:
        _sweep(path)
        part.touch()
    with part.open("r+b") as file:
        if file.seek(0, 2) < chunk.offset:
            raise OSError(f"A chunk of {path.name} is missing.")
        file.seek(chunk.offset)
        file.write(chunk.data)
        file.truncate()
    if chunk.last:
        part.replace(path)
    return chunk.last


def _sweep(path: Path) -> None:
    for part in path.parent.glob(f".receiving-*-{path.name}"):
        try:
            abandoned = time.time() - part.stat().st_mtime > _ABANDONED_SECONDS
        except FileNotFoundError:
            continue
        if abandoned:
            part.unlink(missing_ok=True)


def checked_name(name: str) -> str:
    """The name, if a file of that name may travel.

    Raises:
        EngineError: Any other name, such as one that leads out of the run's folder.
    """
    if name in APPENDED or name in REPLACED or name in SENT or _CHECKPOINT.fullmatch(name):
        return name
    raise EngineError("A worker named a file that no run has.", received=repr(name[:80]))

"""The run's diary: one JSON object a line, written in one piece, read from an offset.

Kinds of event, each with `t` (Unix time) and `kind`:
    start   attempt, epoch (completed before), epochs, steps_per_epoch, train_images,
            validation_images, worker
    batch   epoch (from 0), step (within it), loss, accuracy, learning_rate, images_per_second
    epoch   epoch (completed, from 1), loss, accuracy, val_loss, val_accuracy, learning_rate,
            seconds, partial (true: stopped within the epoch after it)
    note    text (a sentence for people: pauses, changes of the rate, gaps after a crash)
    phase   text (what is being done outside of epochs: "loading", "building",
            "stopping", "evaluating")
    gave_way  seconds (of the attempt): others train now, the run goes on later
    end     state, error, advice
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from fmnist_core.atomic_files import storage_errors


class EventWriter:
    """Appends events; a line torn by a full disk is closed off when writing starts again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with storage_errors(path):
            self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            if _ends_torn(path):
                os.write(self._descriptor, b"\n")

    def write(self, kind: str, **values: Any) -> None:
        """Adds one event.

        Raises:
            StorageError: The disk is full or cannot be written.
        """
        line = json.dumps({"t": round(time.time(), 3), "kind": kind, **values}) + "\n"
        with storage_errors(self._path):
            os.write(self._descriptor, line.encode())

    def close(self) -> None:
        os.close(self._descriptor)


def _ends_torn(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def read_events(path: Path, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """Events from byte `offset` on, and the offset to go on from; bad lines are skipped."""
    lines, end = read_lines(path, offset)
    return [event for event in lines if event is not None], end


def read_lines(path: Path, offset: int = 0) -> tuple[list[dict[str, Any] | None], int]:
    """As `read_events`, with None in place of each bad line."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read()
    except FileNotFoundError:
        return [], offset
    whole = data[: data.rfind(b"\n") + 1]
    return [_parse(line) for line in whole.splitlines()], offset + len(whole)


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) and "kind" in value else None

"""Which remedies were tried for a run: kept in its folder, and gone with it.

RUN/improvements.jsonl     one line a remedy that was started, written in one piece
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fmnist_core.errors import DataError
from fmnist_core.improve.pair import Pair
from fmnist_core.runs.events import EventWriter, read_events
from fmnist_core.runs.folder import RunFolder

_KIND = "tried"


@dataclass(frozen=True)
class Tried:
    """A remedy that was started.

    Attributes:
        pair: What it is against.
        remedy, title: The remedy's name, and for people.
        going_on: Whether from the weights of the run, not afresh.
        run_id: The run that tries it; it may be gone by now.
        started: Unix time.
    """

    pair: Pair
    remedy: str
    title: str
    going_on: bool
    run_id: str
    started: float = 0.0


def note_tried(base: RunFolder, tried: Tried) -> None:
    """Writes down that a remedy for the run `base` was started.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    writer = EventWriter(_path(base))
    try:
        writer.write(
            _KIND,
            pair=list(tried.pair.classes),
            remedy=tried.remedy,
            title=tried.title,
            going_on=tried.going_on,
            run=tried.run_id,
        )
    finally:
        writer.close()


def tried_from(base: RunFolder) -> list[Tried]:
    """All remedies tried for this run, oldest first, each once a pair; bad lines are skipped."""
    found: dict[tuple[Pair, str], Tried] = {}
    for event in read_events(_path(base))[0]:
        tried = _parsed(event)
        if tried is not None:
            found.setdefault((tried.pair, tried.run_id), tried)
    return list(found.values())


def _parsed(event: dict[str, object]) -> Tried | None:
    try:
        if event["kind"] != _KIND:
            return None
        pair = event["pair"]
        assert isinstance(pair, list)
        return Tried(
            Pair(*pair),
            str(event["remedy"]),
            str(event["title"]),
            bool(event["going_on"]),
            str(event["run"]),
            float(str(event["t"])),
        )
    except (AssertionError, DataError, KeyError, TypeError, ValueError):
        return None


def _path(folder: RunFolder) -> Path:
    return folder.path / "improvements.jsonl"

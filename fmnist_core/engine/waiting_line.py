"""Who waits for a slot: the place of each run in line, and when it is expected to start.

From what is left of those in training, by their own pace, and what each before it is expected to
take on this machine; in a class nobody holds a slot for longer than a turn while others wait.
Where one of these is not known, no start is told.
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fmnist_core.classroom import Classroom
from fmnist_core.engine import lifecycle
from fmnist_core.engine.submission import queue_of
from fmnist_core.errors import ClassError, LabError
from fmnist_core.models import summarise
from fmnist_core.runs.expected import expected_epoch_seconds, machine_is_measured
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import ReadHistory, follow
from fmnist_core.runs.index import IndexedRun
from fmnist_core.settings import Settings

# A process, its images and its network, before the first step; and the figures after the last.
_AROUND_SECONDS = 5.0


@dataclass(frozen=True)
class Place:
    """A run that waits.

    Attributes:
        owner: A person's id.
        position: From 1.
        starts_in: Seconds; None where that is not known.
    """

    run_id: str
    owner: str
    position: int
    starts_in: float | None

    @property
    def words(self) -> str:
        """Such as "3rd in line, starts in about 6 min"."""
        return f"{ordinal(self.position)} in line, {self.start_words}"

    @property
    def start_words(self) -> str:
        """Such as "starts in about 6 min"."""
        if self.starts_in is None:
            return "start not known yet"
        if self.starts_in < 60:
            return "starts in less than a minute"
        minutes = round(self.starts_in / 60)
        hours, rest = divmod(minutes, 60)
        return f"starts in about {f'{hours} h {rest} min' if hours else f'{minutes} min'}"


@dataclass(frozen=True)
class WaitingLine:
    """All that wait, the next one first.

    Attributes:
        held: Whether somebody paused all that the engine trains: nothing starts.
    """

    held: bool
    places: tuple[Place, ...]

    def place_of(self, run_id: str) -> Place | None:
        """None for a run that does not wait."""
        return next((place for place in self.places if place.run_id == run_id), None)


_known: dict[Path, tuple[object, WaitingLine]] = {}
_read: dict[Path, ReadHistory] = {}


def waiting_line(settings: Settings) -> WaitingLine:
    """The line now; all who ask within a second share one answer while nothing changes in it."""
    index = queue_of(settings)
    held = lifecycle.held_path(settings).exists()
    now = index.version(), held, int(time.monotonic())
    known = _known.get(settings.index_path)
    if known is None or known[0] != now:
        rows = index.line()
        training = index.in_state("running", "paused") if rows else []
        nothing_starts = held or lifecycle.halted_path(settings).exists()
        starts = [None] * len(rows) if nothing_starts else _starts(rows, training, settings)
        places = tuple(
            Place(row.id, row.owner, position, start)
            for position, (row, start) in enumerate(zip(rows, starts, strict=True), start=1)
        )
        known = _known[settings.index_path] = now, WaitingLine(held, places)
    return known[1]


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th."""
    last = number % 10 if number % 100 not in (11, 12, 13) else 0
    return f"{number:,}{('th', 'st', 'nd', 'rd')[last] if last < 4 else 'th'}"


def _starts(
    rows: list[IndexedRun], training: list[IndexedRun], settings: Settings
) -> list[float | None]:
    info = lifecycle.read_info(settings)
    slots = max(1, info.slots if info else settings.slots)
    turn = _turns(settings)
    free = [_left(row, rows, turn, settings) for row in training][:slots]
    free += [0.0] * (slots - len(free))
    heapq.heapify(free)
    starts: list[float | None] = []
    for place, row in enumerate(rows):
        begin = heapq.heappop(free)
        starts.append(begin if math.isfinite(begin) else None)
        takes = _whole(row, settings)
        if any(other.owner != row.owner for other in rows[place + 1 :]):
            takes = min(takes, turn(row.owner)) if math.isfinite(takes) else takes
        heapq.heappush(free, begin + takes)
    return starts


def _turns(settings: Settings) -> Callable[[str], float]:
    """The seconds after which a person's run gives way to others; endless outside a class."""
    classroom = Classroom(settings)
    if not classroom.there:
        return lambda owner: math.inf

    @lru_cache
    def turn(owner: str) -> float:
        try:
            limits = classroom.limits_of(owner)
        except ClassError:
            return math.inf
        return 60.0 * limits.minutes if limits else math.inf

    return turn


def _left(
    row: IndexedRun, waiting: list[IndexedRun], turn: Callable[[str], float], settings: Settings
) -> float:
    """Seconds until a run in training frees its slot; infinite where that is not known."""
    folder = RunFolder(settings.runs_dir / row.id)
    read = _read[folder.path] = follow(folder.events_path, _read.get(folder.path))
    history = read.history
    if history.epochs and history.epoch >= history.epochs:
        _read.pop(folder.path, None)
        return _AROUND_SECONDS
    left = history.seconds_left
    if row.state == "paused":
        seconds = math.inf
    else:
        seconds = _whole(row, settings) if left is None else left + _AROUND_SECONDS
    if history.started and any(other.owner != row.owner for other in waiting):
        over = max(0.0, turn(row.owner) - (time.time() - history.started))
        seconds = min(seconds, over + (history.epoch_seconds_left or 0.0))
    return seconds


def _whole(row: IndexedRun, settings: Settings) -> float:
    """Expected for what is left of a run that waits; infinite where that is not known."""
    if not machine_is_measured():
        return math.inf
    folder = RunFolder(settings.runs_dir / row.id)
    return _expected(folder.path, folder.status.epoch, _paces(settings))


def _paces(settings: Settings) -> int:
    try:
        return (settings.home / "pace.json").stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=512)
def _expected(path: Path, done: int, paces: int) -> float:
    try:
        config = RunFolder(path).config
        each = expected_epoch_seconds(config, summarise(config.model))
    except LabError:
        return math.inf
    return _AROUND_SECONDS + each * max(0, config.training.epochs - done)

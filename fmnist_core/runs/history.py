"""The history of a training, folded from its event log step by step, with its speed and time left.

Wall time between events counts, so that other load on the machine, validation and checkpoints are
in it; waiting while paused, the first steps of an attempt (they are compiled) and the time between
two attempts are not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fmnist_core.runs.events import read_events
from fmnist_core.runs.status import is_moment

# The pace follows the steps of so much of an epoch: long enough to even out noise, short enough to
# follow other load.
_HORIZON = 0.5

# What was said may grow by this factor, but for the last seconds of a run.
_MOST_GROWTH = 2.0

_LEAST_SECONDS = 2.0

# What a training writes when it is paused and when it goes on.
PAUSE_NOTES = ("Paused.", "Resumed.")
# How many of the last epochs tell how long the next will take.
_EPOCHS_FOR_PACE = 3


@dataclass(frozen=True)
class BatchPoint:
    """A group of batches: `x` is the time in epochs, `accuracy` is from 0 to 1."""

    x: float
    loss: float
    accuracy: float
    learning_rate: float


@dataclass(frozen=True)
class EpochPoint:
    """A whole epoch, counted from 1; `val_*` are None without validation images."""

    epoch: int
    loss: float
    accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    learning_rate: float
    seconds: float


@dataclass(frozen=True)
class Note:
    """A sentence for people, with its Unix time."""

    t: float
    text: str


@dataclass(frozen=True)
class End:
    """The end of a training: its state, with an error and advice after a failure."""

    t: float
    state: str
    error: str = ""
    advice: str = ""


@dataclass(frozen=True)
class _Mark:
    """A moment of a training: Unix time, the epoch (from 0) and the steps done in it."""

    t: float
    epoch: int
    step: int


@dataclass(frozen=True)
class _Pace:
    """The measured pace of a training.

    Attributes:
        step: Seconds a step, of those that were seen; None before.
        between: Seconds from an epoch's last step to the next one's first: validation, checkpoint.
        seen: Steps in the estimate `step`.
        last: Where the training was when it was last heard of; None after a break.
        left, left_at: Seconds that were said to be left, and when; None before anything was known.
    """

    step: float | None = None
    between: float | None = None
    seen: int = 0
    last: _Mark | None = None
    left: float | None = None
    left_at: float = 0.0

    def broken(self) -> _Pace:
        """After a pause, or at the start of another attempt: the time until then tells nothing."""
        return replace(self, last=None)

    def at(self, mark: _Mark, *, steps: int, epochs: int, usual_between: float) -> _Pace:
        """The training has come to `mark`.

        Args:
            steps, epochs: Steps an epoch, and epochs of the whole run.
            usual_between: What to expect between epochs before one was seen, as a share of the
                time of an epoch's steps.
        """
        before = self.left_now(mark.t)
        measured = replace(self._measured(mark, steps), last=mark)
        if measured.step is None:
            return measured
        between = (
            usual_between * steps * measured.step if measured.between is None else measured.between
        )
        to_go = max(0, epochs - mark.epoch)
        expected = to_go * (steps * measured.step + between) - mark.step * measured.step
        left = max(0.0, expected)
        if before is not None:
            left = min(left, max(_MOST_GROWTH * before, _LEAST_SECONDS))
        return replace(measured, left=left, left_at=mark.t)

    def left_now(self, t: float) -> float | None:
        """Seconds left at `t`, by what was last said; time after a break does not count."""
        if self.left is None or self.last is None:
            return self.left
        return max(0.0, self.left - (t - self.left_at))

    def _measured(self, mark: _Mark, steps: int) -> _Pace:
        last = self.last
        if last is None or mark.t < last.t:
            return self
        done = (mark.epoch - last.epoch) * steps + mark.step - last.step
        if done <= 0:
            return self
        seconds = mark.t - last.t
        if mark.epoch == last.epoch:
            share = max(done / (self.seen + done), -math.expm1(-done / (_HORIZON * steps)))
            old = seconds / done if self.step is None else self.step
            new = old + share * (seconds / done - old)
            return replace(self, step=new, seen=self.seen + done)
        if self.step is None or mark.epoch != last.epoch + 1:
            return self
        found = max(0.0, seconds - done * self.step)
        between = found if self.between is None else (self.between + found) / 2
        return replace(self, between=between)


@dataclass(frozen=True)
class History:
    """The recorded training so far.

    Attributes:
        batches, epochs_done: The two series, in order of time.
        notes: What people should know, in order of time.
        epoch: Epochs completed.
        epochs: Epochs asked for; 0 before the first `start`.
        step, steps_per_epoch: Where the present epoch is.
        attempt: 0 before the first `start`.
        phase: `"training"`, or what is being done outside of epochs; empty before and after.
        images_per_second: Of the last group of batches; 0 before.
        train_images, validation_images: How many.
        worker: Where it runs.
        started: Unix time of the start of the present attempt; 0 before the first.
        updated: Unix time of the last event; 0 before the first.
        end: Set once the training has ended.
        gave_way: A sentence while it waits because others train now; empty otherwise.
        pace: How fast it went on so far.
    """

    batches: tuple[BatchPoint, ...] = ()
    epochs_done: tuple[EpochPoint, ...] = ()
    notes: tuple[Note, ...] = ()
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps_per_epoch: int = 0
    attempt: int = 0
    phase: str = ""
    images_per_second: float = 0.0
    train_images: int = 0
    validation_images: int = 0
    worker: str = ""
    started: float = 0.0
    updated: float = 0.0
    end: End | None = None
    gave_way: str = ""
    pace: _Pace = field(default_factory=_Pace)

    @property
    def epoch_progress(self) -> float:
        """Share of the present epoch that is done, 0 to 1."""
        return min(1.0, self.step / self.steps_per_epoch) if self.steps_per_epoch else 0.0

    @property
    def progress(self) -> float:
        """Share of the run that is done, 0 to 1."""
        return min(1.0, (self.epoch + self.epoch_progress) / self.epochs) if self.epochs else 0.0

    @property
    def learning_rate(self) -> float | None:
        """The rate in use; None before the first step."""
        last: BatchPoint | EpochPoint | None = self.batches[-1] if self.batches else None
        if last is None and self.epochs_done:
            last = self.epochs_done[-1]
        return last.learning_rate if last else None

    @property
    def seconds_per_epoch(self) -> float | None:
        """Mean of the last epochs or, in the first, an estimate from the present speed."""
        recent = [point.seconds for point in self.epochs_done[-_EPOCHS_FOR_PACE:]]
        if recent and sum(recent) > 0:
            return sum(recent) / len(recent)
        if self.images_per_second > 0 and self.train_images:
            return self.train_images / self.images_per_second
        return None

    @property
    def epoch_seconds_left(self) -> float | None:
        """Until the present epoch is done; None while nothing is known or it has ended."""
        pace = self.seconds_per_epoch
        if pace is None or self.end or self.epoch >= self.epochs:
            return None
        return pace * (1 - self.epoch_progress)

    @property
    def seconds_left(self) -> float | None:
        """Until the run is done, by the clock so far and if it is not stopped early."""
        if self.end is None and self.epoch < self.epochs and self.pace.left is not None:
            return self.pace.left_now(self.updated)
        pace, this_epoch = self.seconds_per_epoch, self.epoch_seconds_left
        if pace is None or this_epoch is None:
            return None
        return this_epoch + pace * (self.epochs - self.epoch - 1)

    @property
    def best(self) -> EpochPoint | None:
        """The epoch of the highest validation accuracy; None without validation images."""
        evaluated = [point for point in self.epochs_done if point.val_accuracy is not None]
        return max(evaluated, key=lambda point: point.val_accuracy or 0.0, default=None)


@dataclass(frozen=True)
class ReadHistory:
    """A history, and the offset in bytes that it was read to."""

    history: History = History()
    offset: int = 0


def follow(path: Path, so_far: ReadHistory | None = None) -> ReadHistory:
    """Reads new events of `events.jsonl` since `so_far`; starts over if the file was replaced."""
    so_far = so_far or ReadHistory()
    try:
        size = path.stat().st_size
    except OSError:
        return so_far
    if size < so_far.offset:
        so_far = ReadHistory()
    if size == so_far.offset:
        return so_far
    events, offset = read_events(path, so_far.offset)
    return ReadHistory(fold(so_far.history, events), offset)


def fold(history: History, events: Iterable[dict[str, Any]]) -> History:
    """The history after `events`; skips malformed events and unknown kinds."""
    folding = _Folding(history)
    for event in events:
        folding.take(event)
    return folding.result()


class _Folding:
    """Collects events in lists, so that a thousand events do not copy a tuple each."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._batches = list(history.batches)
        self._epochs = list(history.epochs_done)
        self._notes = list(history.notes)

    def result(self) -> History:
        return replace(
            self._history,
            batches=tuple(self._batches),
            epochs_done=tuple(self._epochs),
            notes=tuple(self._notes),
        )

    def take(self, event: dict[str, Any]) -> None:
        step = getattr(self, f"_on_{event.get('kind')}", None)
        if step is None:
            return
        try:
            # First: of what has no valid time nothing is taken.
            moment = _moment(event)
            step(event)
            self._change(updated=moment)
        except (KeyError, TypeError, ValueError, OverflowError):
            return

    def _change(self, **values: Any) -> None:
        self._history = replace(self._history, **values)

    def _on_start(self, event: dict[str, Any]) -> None:
        done = int(event["epoch"])
        self._change(
            epoch=done,
            step=0,
            attempt=int(event["attempt"]),
            epochs=int(event["epochs"]),
            steps_per_epoch=int(event["steps_per_epoch"]),
            train_images=int(event.get("train_images", 0)),
            validation_images=int(event.get("validation_images", 0)),
            worker=str(event.get("worker", "")),
            started=_moment(event),
            end=None,
            gave_way="",
            pace=self._history.pace.broken(),
        )
        # What came after the last saved epoch was lost with its process and is learned again.
        self._batches = [point for point in self._batches if point.x <= done]
        self._epochs = [point for point in self._epochs if point.epoch <= done]

    def _on_batch(self, event: dict[str, Any]) -> None:
        epoch, step = int(event["epoch"]), int(event["step"])
        x = epoch + min(1.0, step / max(1, self._history.steps_per_epoch))
        point = BatchPoint(x, _number(event, "loss"), _number(event, "accuracy"), _rate(event))
        speed = _seconds(event, "images_per_second")
        self._batches.append(point)
        self._change(epoch=epoch, step=step, phase="training", images_per_second=speed)
        self._time(event)

    def _time(self, event: dict[str, Any]) -> None:
        now = self._history
        if not now.steps_per_epoch or not now.epochs:
            return
        # Validation goes forward alone; a step is three times that.
        held = now.validation_images / (3 * now.train_images) if now.train_images else 0.0
        pace = now.pace.at(
            _Mark(float(event["t"]), now.epoch, now.step),
            steps=now.steps_per_epoch,
            epochs=now.epochs,
            usual_between=held,
        )
        self._change(pace=pace)

    def _on_epoch(self, event: dict[str, Any]) -> None:
        if event.get("partial"):
            # Stopped in the middle: its batches are on the curve, but no epoch was completed.
            return
        point = EpochPoint(
            epoch=int(event["epoch"]),
            loss=_number(event, "loss"),
            accuracy=_number(event, "accuracy"),
            val_loss=_optional(event, "val_loss"),
            val_accuracy=_optional(event, "val_accuracy"),
            learning_rate=_rate(event),
            seconds=_seconds(event, "seconds"),
        )
        self._epochs.append(point)
        self._change(epoch=point.epoch, step=0, phase="training")

    def _on_note(self, event: dict[str, Any]) -> None:
        note = Note(float(event["t"]), str(event["text"]))
        self._notes.append(note)
        if note.text in PAUSE_NOTES:
            self._change(pace=self._history.pace.broken())

    def _on_gave_way(self, event: dict[str, Any]) -> None:
        seconds = _seconds(event, "seconds")
        count, unit = (
            (round(seconds), "second") if seconds < 60 else (round(seconds / 60), "minute")
        )
        words = f"{count} {unit}{'' if count == 1 else 's'}"
        text = f"Gave way after {words}; goes on when a slot is free."
        self._notes.append(Note(float(event["t"]), text))
        self._change(phase="", gave_way=text, images_per_second=0.0)

    def _on_phase(self, event: dict[str, Any]) -> None:
        self._change(phase=str(event["text"]))

    def _on_end(self, event: dict[str, Any]) -> None:
        error, advice = str(event.get("error") or ""), str(event.get("advice") or "")
        end = End(float(event["t"]), str(event["state"]), error, advice)
        self._change(end=end, phase="")


def _moment(event: dict[str, Any]) -> float:
    if not is_moment(event["t"]):
        raise ValueError("No time of this century.")
    return float(event["t"])


def _seconds(event: dict[str, Any], key: str) -> float:
    value = float(event.get(key) or 0.0)
    if not 0 <= value < math.inf:
        raise ValueError("Neither a duration nor a speed.")
    return value


def _number(event: dict[str, Any], key: str) -> float:
    value = event[key]
    return math.nan if value is None else float(value)


def _optional(event: dict[str, Any], key: str) -> float | None:
    value = event.get(key)
    return None if value is None else float(value)


def _rate(event: dict[str, Any]) -> float:
    return float(event.get("learning_rate") or 0.0)

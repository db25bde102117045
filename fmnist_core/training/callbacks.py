"""The one callback: tells how training goes, and listens to what a person asks."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, Protocol

from fmnist_core.lab_keras import keras
from fmnist_core.runs.events import EventWriter
from fmnist_core.runs.status import Control


class ControlSource(Protocol):
    """Source of control requests; `read` is called about five times a second."""

    def read(self) -> Control: ...


class ImageSource(Protocol):
    """Prepares the images of an epoch."""

    @property
    def progress(self) -> float: ...

    def is_ready(self, number: int, seconds: float) -> bool: ...


class LiveCallback(keras.callbacks.Callback):
    """Writes a point every quarter of a second, sets the learning rate, pauses and stops.

    Long runs write more seldom (every 1/600 of the time so far, at most every two seconds), so
    that the diary of a night stays as short as that of a lesson.
    """

    def __init__(
        self,
        events: EventWriter,
        control: ControlSource,
        rate: Callable[[float, Control], float],
        on_pause: Callable[[bool], None],
    ) -> None:
        super().__init__()
        self._events, self._control = events, control
        self._rate, self._on_pause = rate, on_pause
        self._wish = Control()
        self._began = self._listened = time.monotonic()
        self._last_reported = _Point(0, 0.0, 0.0, self._began)
        self.paused_seconds = 0.0
        self.stopped = self.diverged = False

    def begin_epoch(self, epoch: int, images: int, batch_size: int) -> None:
        """To be called before each `fit`: which epoch (from 0) and how much there is in it."""
        self._epoch, self._images, self._batch_size = epoch, images, batch_size
        self._steps = math.ceil(images / batch_size)
        self._last_reported = _Point(0, 0.0, 0.0, time.monotonic())

    def wait_for_images(self, images: ImageSource, epoch: int) -> bool:
        """Waits for an epoch's images and reads control requests; False when stopped first."""
        reported_at = time.monotonic()
        while not images.is_ready(epoch, 0.2):
            now = time.monotonic()
            self._read_control(now)
            if self.stopped:
                return False
            if now - reported_at >= 1:
                reported_at = now
                self._events.write("phase", text=f"preparing images, {images.progress:.0%}")
        return True

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._set_rate(0)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        step = min(batch + 1, self._steps)
        figures = logs or {}
        now = time.monotonic()
        if not math.isfinite(float(figures["loss"])):
            self.diverged = self.model.stop_training = True
            return
        if self._last_reported.images == 0 or now - self._last_reported.when >= self._interval(now):
            self._write_batch(step, float(figures["loss"]), float(figures["accuracy"]), now)
        if now - self._listened >= 0.2:
            self._read_control(now)
        if step < self._steps:
            self._set_rate(step)

    def _interval(self, now: float) -> float:
        return min(max(0.25, (now - self._began) / 600), 2.0)

    def _write_batch(self, step: int, loss: float, accuracy: float, now: float) -> None:
        # Keras gives means since the epoch began; the curve shows what came since the last point.
        point = _Point(min(step * self._batch_size, self._images), loss, accuracy, now)
        group = point.since(self._last_reported)
        self._last_reported = point
        self._events.write(
            "batch",
            epoch=self._epoch,
            step=step,
            loss=round(group.loss, 5),
            accuracy=round(group.accuracy, 5),
            learning_rate=float(self.model.optimizer.learning_rate),
            images_per_second=round(group.images / max(group.when, 1e-6), 1),
        )

    def _read_control(self, now: float) -> None:
        self._listened = now
        self._apply_control()
        if self._is_to_wait():
            self._wait()
        if self._wish.stop and not self.stopped:
            self.stopped = True
            if self.model is not None:
                self.model.stop_training = True
            # Validation, saving and evaluation follow: the status acknowledges the request.
            self._events.write("phase", text="stopping")

    def _apply_control(self) -> None:
        before, self._wish = self._wish.learning_rate, self._control.read()
        rate = self._wish.learning_rate
        if rate != before:
            words = f"set to {rate:g}" if rate is not None else "back to the configuration's"
            self._events.write("note", text=f"Learning rate {words}.")

    def _is_to_wait(self) -> bool:
        # A paused training that is to make room first comes to the end of its epoch.
        wish = self._wish
        return wish.pause and not wish.stop and not wish.give_way

    def _wait(self) -> None:
        began = time.monotonic()
        self._on_pause(True)
        while self._is_to_wait():
            time.sleep(0.1)
            self._apply_control()
        waited = time.monotonic() - began
        self.paused_seconds += waited
        self._last_reported = self._last_reported.later(waited)
        self._on_pause(False)

    def _set_rate(self, step: int) -> None:
        rate = self._rate(self._epoch + step / self._steps, self._wish)
        self.model.optimizer.learning_rate = rate


class _Point:
    """Means over the first `images` of an epoch, at the time `when`."""

    def __init__(self, images: int, loss: float, accuracy: float, when: float) -> None:
        self.images, self.loss, self.accuracy, self.when = images, loss, accuracy, when

    def since(self, earlier: _Point) -> _Point:
        images = max(self.images - earlier.images, 1)

        def mean(now: float, then: float) -> float:
            return (now * self.images - then * earlier.images) / images

        return _Point(
            images,
            max(mean(self.loss, earlier.loss), 0.0),
            min(max(mean(self.accuracy, earlier.accuracy), 0.0), 1.0),
            self.when - earlier.when,
        )

    def later(self, seconds: float) -> _Point:
        return _Point(self.images, self.loss, self.accuracy, self.when + seconds)

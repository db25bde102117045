"""Writes the trace of a training: the network at a few moments, and its probes more often."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import ImageSet
from fmnist_core.lab_keras import keras
from fmnist_core.probes.in_run import keep_probes
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings
from fmnist_core.traces import Moment, Snapshot, TraceWriter
from fmnist_core.training.layers_now import Array, LayersNow, Look
from fmnist_core.training.parts import Parts
from fmnist_core.training.watched import (
    Watched,
    answers,
    confusion,
    probes_in_place_of_pins,
    watched_images,
)

# Most is learned in the first epoch, and most of that at its beginning.
_LOOKS = (1 / 81, 1 / 27, 1 / 9, 1 / 3)
# A probe's answer is asked for every two seconds; in a long run, 300 times in all that was so far.
_SECONDS, _SHARE = 2.0, 300


class Tracer(keras.callbacks.Callback):
    """Goes along with `fit`; `begin`, `end_epoch` and `close` are called around it."""

    def __init__(self, folder: RunFolder, config: RunConfig, parts: Parts, images: int) -> None:
        super().__init__()
        self._config, self._images = config, images
        self._batch_size = config.training.batch_size
        self._steps = math.ceil(images / self._batch_size)
        self._watched: Watched = watched_images(parts, config.training)
        self._writer = TraceWriter(folder.trace_path)
        self._folder = folder
        self._epoch = self._step = 0
        self._before: tuple[int, list[Array]] | None = None
        self._began = self._asked = time.monotonic()

    def begin(self, model: keras.Model, epoch: int, settings: Settings) -> None:
        """After the weights are in place, `epoch` epochs being completed.

        Raises:
            StorageError: The disk is full or cannot be written.
        """
        probes = keep_probes(self._folder, settings) or probes_in_place_of_pins(self._watched)
        images = np.stack([probe.image for probe in probes])
        self._now = LayersNow(model, self._config.model, self._watched.batch, images)
        self._group = int(model.steps_per_execution)
        self._network = model
        self._epoch = epoch
        self._writer.begin(
            attempt=self._folder.status.attempt,
            epoch=epoch,
            epochs=self._config.training.epochs,
            steps_per_epoch=self._steps,
            watched=self._watched.source,
            layers=self._now.facts,
            probes=probes,
        )
        self._snapshot()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch, self._step = epoch, 0
        self._due = [math.ceil(share * self._steps) for share in _LOOKS if not epoch]
        self._remember()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._step = min(batch + 1, self._steps)
        if self._step >= self._steps or not math.isfinite(float((logs or {}).get("loss", 0.0))):
            return
        if self._due and self._step >= self._due[0]:
            self._due = [step for step in self._due if step > self._step]
            self._snapshot()
        elif time.monotonic() - self._asked >= self._interval():
            self._ask()
        self._remember()

    def end_epoch(self, held: ImageSet | None, said: NDArray[np.float32] | None) -> None:
        """After validation; `said` are the answers for all images held back."""
        if held is None or said is None:
            self._snapshot()
        else:
            self._snapshot(confusion(said, held.labels))

    def close(self) -> None:
        """Nothing is written after this."""
        self._writer.close()

    def _remember(self) -> None:
        """Keeps the kernels, if the next group of steps is one that is looked at."""
        soon = min(self._step + self._group, self._steps)
        if soon >= min([*self._due, self._steps]):
            self._before = (self._step, self._now.kernels())

    def _snapshot(self, counts: NDArray[np.int32] | None = None) -> None:
        if counts is None:
            few = self._watched.few
            counts = confusion(answers(self._network, few.images), few.labels)
        look = self._look()
        before, steps = None, 1
        if self._before is not None and self._step > self._before[0]:
            before, steps = self._before[1], self._step - self._before[0]
        self._writer.snapshot(
            Snapshot(
                epochs=self._place,
                step=self._epoch * self._steps + self._step,
                images_seen=self._epoch * self._images
                + min(self._step * self._batch_size, self._images),
                confusion=counts,
                filters=self._now.filters(),
                probabilities=look.probabilities,
                layers=self._now.states(look, before, steps),
            )
        )

    def _ask(self) -> None:
        self._writer.moment(Moment(self._place, self._look().probabilities))

    def _look(self) -> Look:
        self._asked = time.monotonic()
        return self._now.look()

    def _interval(self) -> float:
        return max(_SECONDS, (time.monotonic() - self._began) / _SHARE)

    @property
    def _place(self) -> float:
        return round(self._epoch + self._step / self._steps, 6)

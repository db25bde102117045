"""The one training function: page, command line, tests and benchmarks all go through it."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import Dataset, ImageSet
from fmnist_core.data.listening import DataStoppedError
from fmnist_core.data.load import load_dataset
from fmnist_core.durable import write_json
from fmnist_core.errors import LabError, TrainingError
from fmnist_core.evaluation import Evaluation
from fmnist_core.model import check_run
from fmnist_core.model.backbones import IMAGENET
from fmnist_core.model.imagenet import WeightFiles
from fmnist_core.runs.control import Control
from fmnist_core.runs.events import EventWriter
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from fmnist_core.training.averaging import averaged
from fmnist_core.training.checkpoint import (
    load_progress,
    load_weights,
    partial_is_kept,
    save_checkpoint,
    weights_are_finite,
)
from fmnist_core.training.compiled import compile_for, compiled_model, reseed
from fmnist_core.training.dropped import keep_dropped
from fmnist_core.training.feed import EpochFeed, epoch_feed
from fmnist_core.training.finish import judge, save_chosen
from fmnist_core.training.first_weights import FirstWeights
from fmnist_core.training.freezing import Freezing
from fmnist_core.training.lesson import lesson
from fmnist_core.training.live import ControlSource, Live
from fmnist_core.training.own_items import own_items
from fmnist_core.training.parts import Parts, split_parts
from fmnist_core.training.progress import Progress
from fmnist_core.training.provenance import provenance
from fmnist_core.training.result import TrainResult, diverged
from fmnist_core.training.schedule import planned_factor
from fmnist_core.training.tracing import Tracer
from fmnist_core.training.validation import validate

log = logging.getLogger(__name__)


def train(
    config: RunConfig,
    run_dir: Path,
    *,
    data: Dataset | None = None,
    control: ControlSource | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    weight_files: WeightFiles = IMAGENET,
) -> TrainResult:
    """Trains, writes everything into the run folder, and judges the result on the test images.

    A folder that holds a checkpoint is gone on with after its last completed epoch.

    Args:
        config: What to train; saved with the run.
        run_dir: The run folder; made if it is not there.
        data: Images to use; by default `config.training.dataset` is loaded.
        control: Where wishes come from; by default the folder's `control.json`.
        callbacks: Further Keras callbacks.
        weight_files: The files that count as a backbone's ImageNet weights.

    Raises:
        ConfigError, ArchitectureError: The configuration cannot be trained.
        RunBusyError: Another process trains in this folder.
        NoDataError: The images are not here.
        NoWeightsError: ImageNet weights are not here and cannot be fetched.
        StorageError: The disk is full or cannot be written.
        TrainingError: The loss became NaN, or Keras failed. The last good weights are kept.
    """
    check_run(config)
    folder = RunFolder.at(run_dir, config)
    with folder.hold():
        first = FirstWeights(config, folder, weight_files)
        return _Training(config, folder, control or folder.control, callbacks, first).run(data)


class _Training:
    """One attempt at one run."""

    def __init__(
        self,
        config: RunConfig,
        folder: RunFolder,
        control: ControlSource,
        callbacks: Sequence[keras.callbacks.Callback],
        first: FirstWeights,
    ) -> None:
        self.config, self.folder = config, folder
        self.training = config.training
        self.callbacks, self.first, self.control = callbacks, first, control
        self.freezing = Freezing(config, lambda: first.fit.taken)
        self.events = EventWriter(folder.events_path)
        self.progress = load_progress(folder) or Progress()
        self.tracer: Tracer | None = None
        self.live = Live(self.events, control, self._rate, self._pause)

    def run(self, data: Dataset | None) -> TrainResult:
        try:
            return self._run(data)
        except LabError as error:
            self._fail(error)
            raise
        except Exception as error:
            log.exception("The training failed.")
            failure = TrainingError(
                "The training failed.",
                received=f"{type(error).__name__}: {str(error)[:300]}",
                advice="See the run's log.",
            )
            self._fail(failure)
            raise failure from error
        finally:
            self.events.close()

    def _run(self, data: Dataset | None) -> TrainResult:
        self._begin()
        self.first.provide(load_settings(), self.events, self.control)
        data = data or load_dataset(self.training.dataset, load_settings())
        own = own_items(self.folder, self.training, load_settings())
        dropped = keep_dropped(self.folder, self.training, load_settings(), data.identity)
        write_json(
            self.folder.path / "provenance.json",
            provenance(data.identity, self.training.seed, own.fingerprints, dropped),
        )
        parts = split_parts(data, self.training, dropped)
        targets = lesson(
            self.folder, self.training, parts.train, load_settings(), self.events, self.control
        )
        with epoch_feed(parts.train, self.training, own.items, targets) as feed:
            model = self._model(parts, feed)
            with self._tracing(model, parts, feed.size):
                self._epochs(model, parts, feed)
        return self._finish(data)

    def _begin(self) -> None:
        status = self.folder.status
        self.folder.set_status(
            replace(
                status,
                state="running",
                attempt=status.attempt + 1,
                error="",
                advice="",
                epoch=self.progress.epoch,
                epochs=self.training.epochs,
                worker=status.worker or "here",
                pid=os.getpid(),
            )
        )
        self.events.write("phase", text="loading")

    def _model(self, parts: Parts, feed: EpochFeed) -> keras.Model:
        self.events.write("phase", text="building")
        keras.utils.set_random_seed(self.training.seed)
        steps = -(-feed.size // self.training.batch_size)
        model = compiled_model(self.config, steps)
        if self.folder.resumable:
            self._learn(model, self.freezing.epoch_of_checkpoint(self.progress, self.folder), steps)
            load_weights(self.folder, model)
            self._note_partial_epoch()
        else:
            self.first.put_into(model, self.events)
            self._learn(model, self.progress.epoch, steps)
        self.events.write(
            "start",
            attempt=self.folder.status.attempt,
            epoch=self.progress.epoch,
            epochs=self.training.epochs,
            steps_per_epoch=steps,
            train_images=feed.size,
            validation_images=len(parts.validation) if parts.validation else 0,
            worker=self.folder.status.worker,
        )
        return model

    def _learn(self, model: keras.Model, epoch: int, steps: int) -> None:
        """Lets those layers learn that do in this epoch, and begin with it."""
        if self.freezing.apply(model, epoch):
            compile_for(model, self.config, steps)
            self.events.write("note", text=self.freezing.words(epoch))

    @contextmanager
    def _tracing(self, model: keras.Model, parts: Parts, images: int) -> Iterator[None]:
        if not self.training.trace:
            yield
            return
        self.tracer = Tracer(self.folder, self.config, parts, images)
        try:
            self.tracer.begin(model, self.progress.epoch, load_settings())
            yield
        finally:
            self.tracer.close()

    def _note_partial_epoch(self) -> None:
        if partial_is_kept(self.folder):
            self.events.write(
                "note",
                text=f"Going on with what part of epoch {self.progress.epoch + 1} had taught; "
                "that epoch is gone through again from its start.",
            )

    def _epochs(self, model: keras.Model, parts: Parts, feed: EpochFeed) -> None:
        training = self.training
        for epoch in range(self.progress.epoch, training.epochs):
            if self.live.stopped or self.progress.patience_is_out(training):
                break
            if not self.live.attend(feed, epoch):
                self._keep_beginning(model)
                break
            last = epoch + 1 == training.epochs
            self._learn(model, epoch, -(-feed.size // training.batch_size))
            self._epoch(model, feed.size, feed.epoch(epoch, last=last), parts.validation)

    def _keep_beginning(self, model: keras.Model) -> None:
        """A run that is stopped before its first step has weights, too."""
        if not self.folder.resumable:
            save_checkpoint(self.folder, model, self.progress, partial=True)

    def _epoch(self, model: keras.Model, size: int, feed: Any, held: ImageSet | None) -> None:
        epoch = self.progress.epoch
        reseed(model, self.training.seed, epoch)
        self.live.begin_epoch(epoch, size, self.training.batch_size)
        began, paused = time.monotonic(), self.live.paused_seconds
        history = model.fit(
            feed,
            initial_epoch=epoch,
            epochs=epoch + 1,
            callbacks=[self.live, *([self.tracer] if self.tracer else []), *self.callbacks],
            shuffle=False,  # The feed has shuffled already.
            verbose=0,
        )
        if self.live.diverged or not weights_are_finite(model):
            raise diverged(epoch, self.training.learning_rate)
        figures = {key: float(v[-1]) for key, v in history.history.items()}
        figures |= self._validate(model, held)
        seconds = time.monotonic() - began - (self.live.paused_seconds - paused)
        self._keep(model, figures, seconds)

    def _validate(self, model: keras.Model, held: ImageSet | None) -> dict[str, float]:
        with averaged(model):
            figures, said = validate(model, held) if held else ({}, None)
        if self.tracer:
            # Before the checkpoint: an epoch that can be gone on from has its snapshot.
            self.tracer.end_epoch(held, said)
        return figures

    def _keep(self, model: keras.Model, figures: dict[str, float], seconds: float) -> None:
        """Saves what an epoch (or, when stopped, a part of one) has brought."""
        spent = replace(self.progress, seconds=self.progress.seconds + seconds)
        partial = self.live.stopped
        self.progress = spent if partial else spent.after_epoch(self.training, figures)
        save_checkpoint(self.folder, model, self.progress, partial=partial)
        self.events.write(
            "epoch",
            epoch=self.progress.epoch,
            partial=partial,
            seconds=round(seconds, 3),
            learning_rate=float(model.optimizer.learning_rate),
            **{key: round(value, 5) for key, value in figures.items()},
        )
        self.folder.change_status(
            epoch=self.progress.epoch,
            seconds=self.progress.seconds,
            best_validation_accuracy=self.progress.best_accuracy,
            best_epoch=self.progress.best_epoch,
        )

    def _finish(self, data: Dataset) -> TrainResult:
        state = "stopped" if self.live.stopped else "finished"
        self.events.write("phase", text="evaluating")
        evaluation = judge(self.folder, *save_chosen(self.folder), data)
        self.events.write("end", state=state)
        self.folder.change_status(state=state, seconds=self.progress.seconds)
        return self._result(state, evaluation)

    def _result(self, state: str, evaluation: Evaluation) -> TrainResult:
        return TrainResult(
            run_id=self.folder.id,
            status=state,
            epochs=self.progress.epoch,
            seconds=round(self.progress.seconds, 3),
            validation_accuracy=self.progress.best_accuracy,
            test_accuracy=evaluation.accuracy,
            test_loss=evaluation.loss,
        )

    def _rate(self, epoch: float, wish: Control) -> float:
        base = wish.learning_rate or self.training.learning_rate
        return base * planned_factor(self.training, epoch) * self.progress.plateau_factor

    def _pause(self, paused: bool) -> None:
        self.events.write("note", text="Paused." if paused else "Resumed.")
        self.folder.change_status(state="paused" if paused else "running")

    def _fail(self, error: LabError) -> None:
        """Says so in the folder, as far as the disk allows, and keeps the last good weights."""
        log.error("%s", error)
        with suppress(LabError, OSError):
            save_chosen(self.folder)
        state = "stopped" if isinstance(error, DataStoppedError) else "failed"
        with suppress(LabError, OSError):
            self.events.write("end", state=state, error=error.fact, advice=error.advice)
        with suppress(LabError, OSError):
            self.folder.change_status(state=state, error=error.fact, advice=error.advice)

"""The one training function, for pages, command line, tests and benchmarks; and its validation.

Validation is a pass of its own in place of the one within Keras' `fit`, which keeps no predictions:
the confusion matrix of a snapshot then costs nothing.
"""

from __future__ import annotations

import logging
import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmnist_core.atomic_files import write_json
from fmnist_core.config import RunConfig, TrainConfig
from fmnist_core.datasets.dataset import DataIdentity, Dataset
from fmnist_core.datasets.load import load_dataset
from fmnist_core.errors import LabError, TrainingError
from fmnist_core.lab_keras import keras
from fmnist_core.models.backbones import IMAGENET
from fmnist_core.models.calibration import of_classes
from fmnist_core.models.features import as_read
from fmnist_core.models.imagenet import WeightFiles
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.status import Control
from fmnist_core.settings import load_settings
from fmnist_core.training.callbacks import ControlSource, LiveCallback
from fmnist_core.training.check import check_run
from fmnist_core.training.checkpoint import (
    Progress,
    load_progress,
    load_weights,
    save_checkpoint,
    weights_are_finite,
)
from fmnist_core.training.compile import averaged, compile_for, compiled_model, reseed
from fmnist_core.training.dataloader import EpochLoader, epoch_loader
from fmnist_core.training.distillation_targets import distillation_targets
from fmnist_core.training.evaluate import evaluate_model, save_chosen
from fmnist_core.training.excluded_samples import ExcludedSamples, store_excluded
from fmnist_core.training.extra_samples import extra_samples
from fmnist_core.training.freezing import Freezing
from fmnist_core.training.kernel_initialization import initialize_kernels
from fmnist_core.training.precision import with_precision
from fmnist_core.training.report import Report, TrainResult, diverged
from fmnist_core.training.schedule import planned_factor
from fmnist_core.training.snapshot_callback import SnapshotCallback, answers
from fmnist_core.training.splits import Splits, split_dataset
from fmnist_core.training.weight_loading import InitialWeights
from fmnist_core.version import __version__

_PACKAGES = ("keras", "tensorflow", "numpy", "scikit-learn")


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
        control: Source of pause, stop and learning-rate requests; by default the folder's
            `control.json`.
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
        config = with_precision(folder, load_settings())
        first = InitialWeights(config, folder, weight_files)
        return _Training(config, folder, control or folder.control, callbacks, first).run(data)


class _Training:
    """One attempt at one run."""

    def __init__(
        self,
        config: RunConfig,
        folder: RunFolder,
        control: ControlSource,
        callbacks: Sequence[keras.callbacks.Callback],
        first: InitialWeights,
    ) -> None:
        self.config, self.folder = config, folder
        self.training = config.training
        self.callbacks, self.first, self.control = callbacks, first, control
        self.freezing = Freezing(config, lambda: first.fit.taken)
        self.report = Report(folder, config.training)
        self.progress = load_progress(folder) or Progress()
        self.tracer: SnapshotCallback | None = None
        self.gave_way = False
        self.live = LiveCallback(self.report.events, control, self._rate, self.report.pause)

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
            self.report.close()

    def _run(self, data: Dataset | None) -> TrainResult:
        self.report.begin(self.progress)
        self.first.provide(load_settings(), self.report.events, self.control)
        data = data or load_dataset(self.training.dataset, load_settings())
        own = extra_samples(self.folder, self.config, load_settings())
        if words := own.note(self.config):
            self.report.note(words)
        has_output = self.config.model.other_clothing
        # All weights of a network with that output know what it had learned.
        other_clothing = has_output and (
            own.shows_other_clothing(self.config) or self.first.fit.whole
        )
        if has_output and not other_clothing:
            self.report.note(
                "No item of other clothing is learned from: the network will call nothing so."
            )
        dropped = store_excluded(self.folder, self.training, load_settings(), data.identity)
        write_json(
            self.folder.path / "provenance.json",
            _provenance(data.identity, self.training, own.fingerprints, other_clothing, dropped),
        )
        parts = split_dataset(data, self.training, dropped)
        targets = distillation_targets(
            self.folder,
            self.config,
            parts.train,
            load_settings(),
            self.report.events,
            self.control,
        )
        with epoch_loader(
            parts.train,
            self.training,
            own.items,
            targets,
            self.config.model.input_side,
            other_clothing=self.config.model.other_clothing,
        ) as loader:
            model = self._model(parts, loader)
            with self._tracing(model, parts, loader.size):
                self._epochs(model, parts, loader)
        return self.report.give_way(self.progress) if self.gave_way else self._finish(data)

    def _model(self, parts: Splits, loader: EpochLoader) -> keras.Model:
        self.report.phase("building")
        keras.utils.set_random_seed(self.training.seed)
        steps = -(-loader.size // self.training.batch_size)
        model = compiled_model(self.config, steps)
        if self.folder.resumable:
            self._learn(model, self.freezing.epoch_of_checkpoint(self.progress, self.folder), steps)
            load_weights(self.folder, model)
            self.report.partial_epoch(self.progress)
        else:
            initialize_kernels(model, self.config, parts.train.images)
            self.first.put_into(model, self.report.events)
            self._learn(model, self.progress.epoch, steps)
        self.report.start(
            self.progress,
            steps=steps,
            images=loader.size,
            validation_images=len(parts.validation) if parts.validation else 0,
        )
        return model

    def _learn(self, model: keras.Model, epoch: int, steps: int) -> None:
        """Sets which layers are trainable from this epoch on."""
        if self.freezing.apply(model, epoch):
            compile_for(model, self.config, steps)
            self.report.note(self.freezing.words(epoch))

    @contextmanager
    def _tracing(self, model: keras.Model, parts: Splits, images: int) -> Iterator[None]:
        if not self.training.record_dynamics:
            yield
            return
        self.tracer = SnapshotCallback(self.folder, self.config, parts, images)
        try:
            self.tracer.begin(model, self.progress.epoch, load_settings())
            yield
        finally:
            self.tracer.close()

    def _epochs(self, model: keras.Model, parts: Splits, loader: EpochLoader) -> None:
        training = self.training
        some = parts.validation
        held = _Held(as_read(model, some.images), some.labels) if some else None
        for epoch in range(self.progress.epoch, training.epochs):
            if self.live.stopped or self.progress.patience_exhausted(training):
                break
            if not self.live.wait_for_images(loader, epoch):
                self._keep_beginning(model)
                break
            last = epoch + 1 == training.epochs
            self._learn(model, epoch, -(-loader.size // training.batch_size))
            self._epoch(model, loader.size, loader.epoch(epoch, last=last), held)
            if self._is_to_give_way():
                self.gave_way = True
                break

    def _is_to_give_way(self) -> bool:
        """Whether others are to train now, and there is something left to go on with later."""
        left = self.progress.epoch < self.training.epochs
        left = left and not self.progress.patience_exhausted(self.training)
        return left and not self.live.stopped and self.control.read().give_way

    def _keep_beginning(self, model: keras.Model) -> None:
        """A run that is stopped before its first step has weights, too."""
        if not self.folder.resumable:
            save_checkpoint(self.folder, model, self.progress, partial=True)

    def _epoch(self, model: keras.Model, size: int, loader: Any, held: _Held | None) -> None:
        epoch = self.progress.epoch
        reseed(model, self.training.seed, epoch)
        self.live.begin_epoch(epoch, size, self.training.batch_size)
        began, paused = time.monotonic(), self.live.paused_seconds
        history = model.fit(
            loader,
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

    def _validate(self, model: keras.Model, held: _Held | None) -> dict[str, float]:
        with averaged(model):
            figures, said = validate(model, *held) if held else ({}, None)
        if self.tracer:
            # Before the checkpoint: an epoch that can be gone on from has its snapshot.
            self.tracer.end_epoch(held.labels if held else None, said)
        return figures

    def _keep(self, model: keras.Model, figures: dict[str, float], seconds: float) -> None:
        """Saves what an epoch (or, when stopped, a part of one) has brought."""
        spent = replace(self.progress, seconds=self.progress.seconds + seconds)
        partial = self.live.stopped
        self.progress = spent if partial else spent.after_epoch(self.training, figures)
        save_checkpoint(self.folder, model, self.progress, partial=partial)
        self.report.epoch(
            self.progress,
            figures,
            seconds=seconds,
            partial=partial,
            learning_rate=float(model.optimizer.learning_rate),
        )

    def _finish(self, data: Dataset) -> TrainResult:
        state = "stopped" if self.live.stopped else "finished"
        self.report.phase("evaluating")
        evaluation = evaluate_model(self.folder, *save_chosen(self.folder), data)
        return self.report.end(state, self.progress, evaluation.accuracy, evaluation.loss)

    def _rate(self, epoch: float, control: Control) -> float:
        base = control.learning_rate or self.training.learning_rate
        return base * planned_factor(self.training, epoch) * self.progress.plateau_factor

    def _fail(self, error: LabError) -> None:
        """Keeps the last good weights, and says what was the matter."""
        with suppress(LabError, OSError):
            save_chosen(self.folder)
        self.report.fail(error)


class _Held(NamedTuple):
    """Validation images at the side that the network reads: fitted once, not in each epoch."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]


def validate(
    model: keras.Model, images: NDArray[np.uint8], labels: NDArray[np.uint8]
) -> tuple[dict[str, float], NDArray[np.float32]]:
    """`val_loss` (as the model is compiled, label smoothing included) and `val_accuracy`.

    Args:
        images: uint8 (n, s, s); their `labels` uint8 (n,).

    Returns:
        The figures, and the model's answers float32 (n, outputs).
    """
    said = answers(model, images)
    loss = model.compute_loss(
        y=keras.ops.convert_to_tensor(labels), y_pred=keras.ops.convert_to_tensor(said)
    )
    accuracy = float((of_classes(said).argmax(axis=1) == labels).mean())
    return {"val_loss": float(loss), "val_accuracy": accuracy}, said


def _device() -> str:
    """What Keras computes on: `"CPU"`, or `"GPU"` where there is one."""
    return str(keras.distribution.list_devices()[0]).partition(":")[0].upper()


def _provenance(
    data: DataIdentity,
    training: TrainConfig,
    collections: dict[str, str],
    other_clothing: bool,
    dropped: ExcludedSamples | None = None,
) -> dict[str, Any]:
    """Versions, machine, device, precision, data, seed, collections, and images left out.

    And whether the network learned what other clothing is, here or in the weights it began with.

    All are plain JSON values.
    """
    return {
        "lab": __version__,
        "python": sys.version.split()[0],
        "packages": {name: version(name) for name in _PACKAGES},
        "backend": keras.backend.backend(),
        "machine": platform.machine(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "data": data.to_json(),
        "collections": collections,
        "other_clothing": other_clothing,
        "dropped": {"images": len(dropped.indices), "digest": dropped.digest} if dropped else None,
        "seed": training.seed,
        "device": _device(),
        "precision": training.precision,
    }

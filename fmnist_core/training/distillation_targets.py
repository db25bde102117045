"""Distillation targets: the teacher's predictions for the training images, computed once and kept.

Without a teacher targets are labels, uint8 (n,). With one they are rows float32 (n, 1 + outputs):
the label first, then the teacher's softened probabilities, or zeros where it was not asked.

An epoch then costs no more than without a teacher, and a run that goes on after a crash learns
from the same answers without asking again.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.array_files import DamagedArraysError, arrays_in, write_arrays
from fmnist_core.config import RunConfig, TrainConfig
from fmnist_core.datasets.dataset import ImageSet
from fmnist_core.datasets.progress import DataStoppedError
from fmnist_core.lab_keras import keras
from fmnist_core.models.build import load_model
from fmnist_core.models.calibration import softmax
from fmnist_core.runs.events import EventWriter
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings
from fmnist_core.training.callbacks import ControlSource
from fmnist_core.training.distillation import provide_teacher
from fmnist_core.training.network import run_scores

# So many images are asked about at once: a tenth of a second of work for a small network.
_AT_ONCE = 1000
_SECONDS_BETWEEN_REPORTS = 0.5

Softened = NDArray[np.float32]


def distillation_targets(
    folder: RunFolder,
    config: RunConfig,
    images: ImageSet,
    settings: Settings,
    events: EventWriter,
    control: ControlSource,
) -> NDArray[np.float32] | None:
    """Targets of the training images, label and teacher's answer (see `targets`).

    Args:
        images: The n images that the run learns from; no others are shown to the teacher.

    Returns:
        float32 (n, 1 + outputs); None where labels alone are learned from.

    Raises:
        ConfigError: The teacher is not there or may not teach this run (see `check_teacher`).
        DataStoppedError: A person asked to stop.
        TrainingError: The teacher's file is damaged.
        StorageError: The disk is full or cannot be written.
    """
    training = config.training
    if not training.distillation.active:
        return None
    provide_teacher(folder, settings)
    key = _key(folder.teacher_path, images, training)
    softened = _kept(folder.distillation_targets_path, key)
    if softened is None:
        teacher = load_model(folder.teacher_path)
        softened = _asked(teacher, images, config, events, control)
        kept = softened.astype(np.float16)
        write_arrays(folder.distillation_targets_path, key=np.array(key), softened=kept)
        events.write("note", text=_words(training))
        # As a run that goes on will read it.
        softened = _read(kept)
    return target_rows(images.labels, softened)


def _asked(
    teacher: keras.Model,
    images: ImageSet,
    config: RunConfig,
    events: EventWriter,
    control: ControlSource,
) -> Softened:
    """Softened probabilities float32 (n, outputs), as many as the student has.

    A teacher without an output for other clothing gives it 0; a student without one learns from
    the others alone. Where images are mirrored at random, the mean of the scores for an image and
    its mirror image.
    """
    training, outputs = config.training, config.model.outputs
    mirrored, reported_at = training.augmentation.flip, 0.0
    found = []
    for start in range(0, len(images), _AT_ONCE):
        if time.monotonic() - reported_at >= _SECONDS_BETWEEN_REPORTS:
            reported_at = time.monotonic()
            events.write("phase", text=f"asking the teacher, {start / len(images):.0%}")
            if control.read().stop:
                raise DataStoppedError("Stopped as asked.", advice="Continue goes on from here.")
        part = slice(start, start + _AT_ONCE)
        scores = run_scores(teacher, images.images[part], mirrored=mirrored)[:, :outputs]
        found.append(softmax(scores.astype(np.float64) / training.distillation.temperature))
    softened = np.concatenate(found).astype(np.float32)
    return np.pad(softened, ((0, 0), (0, outputs - softened.shape[1])))


def _words(training: TrainConfig) -> str:
    teacher = training.distillation
    return (
        f"Distillation from {teacher.teacher}: its predictions have {teacher.weight:.0%} of the "
        "training loss. The validation loss uses the labels only."
    )


def _key(teacher: Path, images: ImageSet, training: TrainConfig) -> str:
    """The same for the same teacher, asked in the same way about the same images."""
    asked = (training.augmentation.flip, training.distillation.temperature)
    digest = hashlib.sha256(repr(asked).encode())
    digest.update(teacher.read_bytes())
    digest.update(np.ascontiguousarray(images.images).data)
    return digest.hexdigest()


def _kept(path: Path, key: str) -> Softened | None:
    """None where nothing was kept, or what was kept is damaged or answers another question."""
    try:
        with arrays_in(path) as content:
            return _read(content["softened"]) if str(content["key"]) == key else None
    except (FileNotFoundError, DamagedArraysError):
        return None


def _read(kept: NDArray[np.float16]) -> Softened:
    """Rounding to half precision has left sums beside 1."""
    rows = kept.astype(np.float32)
    sums: Softened = rows.sum(axis=1, keepdims=True)
    return rows / sums


def target_rows(
    labels: NDArray[np.uint8], softened: NDArray[np.floating[Any]]
) -> NDArray[np.float32]:
    """Rows float32 (n, 1 + outputs) of labels uint8 (n,) and probabilities (n, outputs)."""
    return np.concatenate([labels[:, None], softened], axis=1, dtype=np.float32)


def labels_of(targets: Any, outputs: int) -> Any:
    """The labels int32 (n,) in a tensor of labels (n,) or (n, 1), or of rows."""
    labels = targets[:, 0] if has_rows(targets, outputs) else targets
    return keras.ops.cast(keras.ops.reshape(labels, (-1,)), "int32")


def has_rows(targets: Any, outputs: int) -> bool:
    """Whether a tensor of targets holds rows; where images are held back, it holds labels."""
    return len(targets.shape) == 2 and targets.shape[1] == 1 + outputs

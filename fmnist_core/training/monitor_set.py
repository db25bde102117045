"""The images that a training looks at itself by: never test images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.classes import CLASS_COUNT, CLASS_NAMES
from fmnist_core.config import TrainConfig
from fmnist_core.datasets.dataset import ImageSet
from fmnist_core.datasets.split import subset
from fmnist_core.lab_keras import keras
from fmnist_core.models.build import AT_ONCE, side_by_side
from fmnist_core.runs.pinned_images import Probe
from fmnist_core.runs.trace import TRAINING, VALIDATION
from fmnist_core.training.splits import Parts

# What a look inside an epoch costs grows with it; 50 of each class still fill a matrix.
FEW = 500
# Gradients and dead units are taken on so many training images.
_BATCH = 64


@dataclass(frozen=True, eq=False)
class Watched:
    """Images by their use.

    Attributes:
        source: `"validation"`, or `"training"` where none are held back.
        few: At most 500 of them, drawn evenly per class: looked at within an epoch.
        batch: At most 64 training images, for gradients and dead units.
    """

    source: str
    few: ImageSet
    batch: ImageSet


def watched_images(parts: Parts, training: TrainConfig) -> Watched:
    """The same for the same seed, also when a run goes on."""
    source = VALIDATION if parts.validation else TRAINING
    images = parts.validation or parts.train
    few = _some(images, FEW, training.seed)
    return Watched(source, few, _some(parts.train, _BATCH, training.seed))


def probes_in_place_of_pins(watched: Watched) -> tuple[Probe, ...]:
    """One of the watched images of each class, for a run that began with nothing pinned."""
    source = "held back" if watched.source == VALIDATION else "training image"
    found = []
    for label, name in enumerate(CLASS_NAMES):
        places = np.flatnonzero(watched.few.labels == label)
        if len(places):
            found.append(Probe(watched.few.images[places[0]], name, label, source))
    return tuple(found)


def answers(model: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the model's last layer says, float32 (n, classes), for images uint8 (n, 28, 28).

    All batches are equally large, the last one filled up: another size would be traced anew.
    """
    # Two parts at least, so that both cores have something to do.
    size = min(FEW // AT_ONCE, len(images))
    parts = [_filled(images[start : start + size], size) for start in range(0, len(images), size)]
    said = side_by_side(model, lambda part: np.asarray(model.predict_on_batch(part)), parts)
    return np.concatenate(said)[: len(images)]


def confusion(said: NDArray[np.float32], labels: NDArray[np.uint8]) -> NDArray[np.int32]:
    """int32 (10, 10), true class by the likeliest one of answers (n, 10)."""
    cells = labels.astype(np.int64) * CLASS_COUNT + said.argmax(axis=1)
    counts = np.bincount(cells, minlength=CLASS_COUNT**2)
    return counts.reshape(CLASS_COUNT, CLASS_COUNT).astype(np.int32)


def _filled(images: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    return images if len(images) == size else np.resize(images, (size, *images.shape[1:]))


def _some(images: ImageSet, most: int, seed: int) -> ImageSet:
    return images.take(subset(images.labels, min(most, len(images)), seed))

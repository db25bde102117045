"""Stratified splits and subsets: every class keeps its share; and the counts known beforehand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.config import ClassHoldoutConfig, TrainConfig
from fmnist_core.datasets.dataset import FASHION_MNIST, SYNTHETIC_GARMENTS
from fmnist_core.datasets.published_files import OFFICIAL
from fmnist_core.datasets.synthetic import TRAIN_COUNT
from fmnist_core.errors import ConfigError, DataError

TRAIN_IMAGES = {
    FASHION_MNIST: OFFICIAL.train_images.shape[0],
    SYNTHETIC_GARMENTS: TRAIN_COUNT,
}

Indices = NDArray[np.intp]


def stratified_split(labels: NDArray[np.uint8], share: float, seed: int) -> tuple[Indices, Indices]:
    """Holds back `share` of each class for validation.

    Args:
        labels: uint8 (n,).
        share: Part held back, from 0 (nothing) up to but not including 1.
        seed: Equal seeds give equal splits.

    Returns:
        Training and validation indices, each sorted; together every index once.

    Raises:
        DataError: `share` is out of range, or would leave a class with nothing to learn from.
    """
    if not 0 <= share < 1:
        raise DataError("A validation share is at least 0 and below 1.", received=share)
    held = _draw(labels, _counts(labels, round(len(labels) * share)), seed)
    mask = np.zeros(len(labels), bool)
    mask[held] = True
    training = np.flatnonzero(~mask)
    if set(np.unique(labels)) != set(np.unique(labels[training])):
        raise DataError(
            "Every class needs a training image.",
            received=f"a validation share of {share} of {len(labels)} images",
            advice="Lower the validation share, or use more images.",
        )
    return training, held


def subset(labels: NDArray[np.uint8], count: int, seed: int) -> Indices:
    """Sorted indices of `count` images, drawn evenly per class; 0 means all.

    Raises:
        DataError: `count` is negative or above the number of images.
    """
    if not 0 <= count <= len(labels):
        raise DataError(
            f"A subset has from 0 (all) to {len(labels)} images.",
            received=count,
            advice="Take fewer images.",
        )
    if count in (0, len(labels)):
        return np.arange(len(labels))
    return _draw(labels, _counts(labels, count), seed)


def class_holdout(labels: NDArray[np.uint8], holdout: ClassHoldoutConfig) -> Indices:
    """Sorted indices of the images that a class holds back; none outside a class.

    Raises:
        DataError: More than there are.
    """
    return (
        subset(labels, holdout.images, holdout.split_seed)
        if holdout.active
        else np.zeros(0, np.intp)
    )


def _counts(labels: NDArray[np.uint8], count: int) -> NDArray[np.intp]:
    """Images per class that sum to `count`: shares rounded by largest remainder."""
    present = np.bincount(labels)
    exact = present * (count / max(1, len(labels)))
    counts = np.floor(exact).astype(np.intp)
    largest_first = np.argsort(counts - exact, kind="stable")
    counts[largest_first[: count - counts.sum()]] += 1
    return counts


def _draw(labels: NDArray[np.uint8], counts: NDArray[np.intp], seed: int) -> Indices:
    rng = np.random.default_rng(seed)
    drawn = [
        rng.permutation(np.flatnonzero(labels == label))[:count]
        for label, count in enumerate(counts)
    ]
    return np.sort(np.concatenate(drawn)) if drawn else np.zeros(0, np.intp)


def count_images(training: TrainConfig) -> _ImageCounts:
    """The sizes that `split_dataset` will return.

    Raises:
        ConfigError: More images are wanted than the data set has, or the validation share comes
            to no image at all.
    """
    present = TRAIN_IMAGES[training.dataset] - training.class_holdout.images
    if training.train_images > present:
        raise ConfigError(
            f"train_images must be at most {present}: so many has {training.dataset}"
            f"{' for the runs of this class' if training.class_holdout.active else ''}.",
            received=training.train_images,
            advice="Set it to 0 for all.",
        )
    chosen = training.train_images or present
    held = round(chosen * training.validation_share)
    if training.validation_share and not held:
        raise ConfigError(
            "The validation share must come to at least one image.",
            received=f"{training.validation_share:g} of {chosen} images",
            advice="Raise the validation share, or use more images.",
        )
    return _ImageCounts(chosen - held, held)


@dataclass(frozen=True)
class _ImageCounts:
    """Images learned from in each epoch, and images held back."""

    train: int
    validation: int

    def steps(self, batch_size: int) -> int:
        """Steps in one epoch, the last one perhaps on a smaller batch."""
        return -(-self.train // batch_size)

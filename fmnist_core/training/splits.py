"""The images of a run: which it learns from, which it chooses by, which report."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist_core.config import TrainConfig
from fmnist_core.datasets.dataset import Dataset, ImageSet
from fmnist_core.datasets.split import class_holdout, stratified_split, subset
from fmnist_core.errors import ConfigError, DataError
from fmnist_core.training.excluded_samples import ExcludedSamples, without

Labels = NDArray[np.uint8]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Splits:
    """`validation` is `None` where the configuration holds no images back."""

    train: ImageSet
    validation: ImageSet | None
    test: ImageSet


def split_dataset(
    data: Dataset, training: TrainConfig, dropped: ExcludedSamples | None = None
) -> Splits:
    """Draws the configured number of images and splits off the validation set, seeded.

    Args:
        dropped: Images not to learn from. Those held back stay, all of them: two runs of which
            only one excludes images share validation images.

    Raises:
        ConfigError: The validation share comes to no image.
        DataError: More images are wanted than there are, or a class is left without any.
    """
    learn, choose = split_indices(data.train.labels, training)
    learn = _without(learn, dropped, data.train.labels)
    held = data.train.take(choose) if training.validation_share else None
    return Splits(data.train.take(learn), held, data.test)


def split_indices(labels: Labels, training: TrainConfig) -> tuple[Indices, Indices]:
    """Indices of training and validation images among all training images.

    Args:
        labels: uint8 (n,), of all training images.

    Returns:
        Two rising lists of indices; the second is empty where nothing is held back.

    Raises:
        As `split_dataset`.
    """
    # What a class holds back is as if it were not there.
    present = np.delete(np.arange(len(labels)), class_holdout(labels, training.class_holdout))
    chosen = present[subset(labels[present], training.train_images, training.seed)]
    if not training.validation_share:
        return chosen, chosen[:0]
    learn, choose = stratified_split(labels[chosen], training.validation_share, training.seed)
    if not len(choose):
        raise ConfigError(
            "The validation share must come to at least one image.",
            received=f"{training.validation_share:g} of {len(chosen)} images",
            advice="Raise the validation share, or use more images.",
        )
    return chosen[learn], chosen[choose]


def _without(learn: Indices, dropped: ExcludedSamples | None, labels: Labels) -> Indices:
    left = without(learn, dropped)
    if set(np.unique(labels[left])) != set(np.unique(labels[learn])):
        raise DataError(
            "Every class needs a training image.",
            received=f"{len(learn) - len(left)} images left out of {len(learn)}",
            advice="Exclude fewer of the label issues.",
        )
    return left

"""The images of a run: which it learns from, which it chooses by, which report."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.config import TrainConfig
from fmnist_core.data.dataset import Dataset, ImageSet
from fmnist_core.data.split import stratified_split, subset


@dataclass(frozen=True)
class Parts:
    """`validation` is `None` where the configuration holds no images back."""

    train: ImageSet
    validation: ImageSet | None
    test: ImageSet


def split_parts(data: Dataset, training: TrainConfig) -> Parts:
    """Takes the wanted number of images and holds the validation share back, seeded.

    Raises:
        ConfigError: More images are wanted than there are, or too few for the share.
    """
    chosen = subset(data.train.labels, training.train_images, training.seed)
    if not training.validation_share:
        return Parts(data.train.take(chosen), None, data.test)
    labels = data.train.labels[chosen]
    learn, choose = stratified_split(labels, training.validation_share, training.seed)
    return Parts(data.train.take(chosen[learn]), data.train.take(chosen[choose]), data.test)

"""The images of a run: which it learns from, which it chooses by, which report."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.config import TrainConfig
from fmnist_core.data.dataset import Dataset, ImageSet
from fmnist_core.data.split import stratified_split, subset
from fmnist_core.errors import ConfigError


@dataclass(frozen=True)
class Parts:
    """`validation` is `None` where the configuration holds no images back."""

    train: ImageSet
    validation: ImageSet | None
    test: ImageSet


def split_parts(data: Dataset, training: TrainConfig) -> Parts:
    """Takes the wanted number of images and holds the validation share back, seeded.

    Raises:
        ConfigError: The validation share comes to no image.
        DataError: More images are wanted than there are, or a class is left without any.
    """
    chosen = subset(data.train.labels, training.train_images, training.seed)
    if not training.validation_share:
        return Parts(data.train.take(chosen), None, data.test)
    labels = data.train.labels[chosen]
    learn, choose = stratified_split(labels, training.validation_share, training.seed)
    if not len(choose):
        raise ConfigError(
            "The validation share must come to at least one image.",
            received=f"{training.validation_share:g} of {len(labels)} images",
            advice="Hold back more, or use more images.",
        )
    return Parts(data.train.take(chosen[learn]), data.train.take(chosen[choose]), data.test)

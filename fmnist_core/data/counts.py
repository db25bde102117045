"""How many images a training learns from, known before any image is read."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.config import TrainConfig
from fmnist_core.data.catalogue import OFFICIAL
from fmnist_core.data.dataset import FASHION_MNIST, SYNTHETIC_GARMENTS
from fmnist_core.data.synthetic import TRAIN_COUNT
from fmnist_core.errors import ConfigError

TRAIN_IMAGES = {
    FASHION_MNIST: OFFICIAL.train_images.shape[0],
    SYNTHETIC_GARMENTS: TRAIN_COUNT,
}


@dataclass(frozen=True)
class ImageCounts:
    """Images learned from in each epoch, and images held back."""

    train: int
    validation: int

    def steps(self, batch_size: int) -> int:
        """Steps in one epoch, the last one perhaps on a smaller batch."""
        return -(-self.train // batch_size)


def count_images(training: TrainConfig) -> ImageCounts:
    """What `split_parts` will come to.

    Raises:
        ConfigError: More images are wanted than the data set has, or the validation share comes
            to no image at all.
    """
    present = TRAIN_IMAGES[training.dataset]
    if training.train_images > present:
        raise ConfigError(
            f"train_images must be at most {present}: so many has {training.dataset}.",
            received=training.train_images,
            advice="Set it to 0 for all.",
        )
    chosen = training.train_images or present
    held = round(chosen * training.validation_share)
    if training.validation_share and not held:
        raise ConfigError(
            "The validation share must come to at least one image.",
            received=f"{training.validation_share:g} of {chosen} images",
            advice="Hold back more, or use more images.",
        )
    return ImageCounts(chosen - held, held)

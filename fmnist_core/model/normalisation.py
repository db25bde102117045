"""What the network's first layer does to pixel values: one place for the page and the network."""

from __future__ import annotations

from fmnist_core.errors import ConfigError

# Mean and standard deviation of the 60 000 official training images, pixels as 0..1. The same
# numbers for all images, so that a network sees any image as it saw those it learned from.
STANDARD_MEAN = 0.2860
STANDARD_DEVIATION = 0.3530


def scale_and_offset(kind: str) -> tuple[float, float]:
    """What a grey value from 0 to 255 is multiplied by, and what is added then.

    Args:
        kind: `"unit"`: to 0..1. `"standard"`: to mean 0 and deviation 1 on Fashion-MNIST.

    Raises:
        ConfigError: Another kind.
    """
    if kind == "unit":
        return 1 / 255, 0.0
    if kind == "standard":
        return 1 / (255 * STANDARD_DEVIATION), -STANDARD_MEAN / STANDARD_DEVIATION
    raise ConfigError("A normalisation is one of unit, standard.", received=repr(kind))

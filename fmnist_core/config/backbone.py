"""A network that others have designed, and perhaps taught, in place of blocks of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fmnist_core.config.rules import OneOf, check_fields, ruled
from fmnist_core.errors import ConfigError, shown

NO_BACKBONE = "none"
BACKBONE_NAMES = ("vgg16", "resnet50", "mobilenetv2", "efficientnetv2b0")
# Each of these networks halves its map five times.
SIDE_STEP, MOST_SIDE = 32, 224


class Side:
    """0, or a multiple of 32 from 32 to 224."""

    options = (0, *range(SIDE_STEP, MOST_SIDE + 1, SIDE_STEP))

    def check(self, name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value not in self.options:
            raise ConfigError(
                f"{name} must be a multiple of {SIDE_STEP} from {SIDE_STEP} to {MOST_SIDE}, or 0 "
                "for what suits the backbone.",
                received=shown(value),
            )
        return value


@dataclass(frozen=True)
class BackboneConfig:
    """Which network of `keras.applications` looks at the image before the head answers.

    It reads the image enlarged to `side` x `side`, its gray in three equal channels.
    """

    name: str = ruled(
        NO_BACKBONE,
        OneOf(NO_BACKBONE, *BACKBONE_NAMES),
        "A known network that takes the place of the blocks.",
    )
    weights: str = ruled(
        "imagenet",
        OneOf("imagenet", "random"),
        "What it begins with: learned from a million photos (ImageNet), or nothing.",
    )
    side: int = ruled(
        0, Side(), "Side to which images are enlarged for it, in pixels; 0: what suits it."
    )

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def active(self) -> bool:
        return self.name != NO_BACKBONE

    @property
    def learned(self) -> bool:
        """Whether it begins with ImageNet weights."""
        return self.active and self.weights == "imagenet"

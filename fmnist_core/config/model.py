"""What network to build."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fmnist_core.classes import CLASS_COUNT
from fmnist_core.config.backbone import BackboneConfig
from fmnist_core.config.imported import ImportedConfig
from fmnist_core.config.rules import Flag, Number, OneOf, Whole, Wholes, check_fields, ruled
from fmnist_core.errors import ConfigError, shown

ACTIVATIONS = ("relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid")
MOST_BLOCKS = 8
BLOCK_COUNT = Whole(0, MOST_BLOCKS)


@dataclass(frozen=True)
class BlockConfig:
    """One block: some convolutions, then pooling, then dropout."""

    filters: int = ruled(32, Whole(1, 1024), "How many patterns each convolution looks for.")
    kernel: int = ruled(3, Whole(1, 11), "Side of the window a convolution sees, in pixels.")
    convolutions: int = ruled(1, Whole(1, 4), "Convolutions in a row in this block.")
    batch_norm: bool = ruled(False, Flag(), "Rescale each channel to keep training steady.")
    activation: str = ruled("relu", OneOf(*ACTIVATIONS), "The bend after each convolution.")
    pooling: str = ruled(
        "max", OneOf("none", "max", "average", "stride"), "How the block halves its map."
    )
    dropout: float = ruled(
        0.0, Number(0, 0.9), "Share of values switched off at random while training."
    )
    residual: bool = ruled(False, Flag(), "Add the block's input to its output (a shortcut).")
    separable: bool = ruled(
        False,
        Flag(),
        "First look within each channel, then mix the channels: several times fewer weights.",
    )

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class ModelConfig:
    """A convolutional network for 28x28 gray images.

    The network takes raw pixels (0 to 255) and scales them itself, so that whoever uses a
    trained model cannot forget to.
    """

    blocks: tuple[BlockConfig, ...] = field(
        default=(BlockConfig(filters=32), BlockConfig(filters=64))
    )
    padding: str = ruled(
        "same", OneOf("same", "valid"), "Keep the map's size at its edges, or lose them."
    )
    head: str = ruled(
        "flatten",
        OneOf("flatten", "global_average", "global_max"),
        "How maps become one list of numbers.",
    )
    dense: tuple[int, ...] = ruled((64,), Wholes(1, 4096, 4), "Units of each dense layer.")
    dense_activation: str = ruled("relu", OneOf(*ACTIVATIONS), "The bend after each dense layer.")
    head_dropout: float = ruled(
        0.0, Number(0, 0.9), "Share of units switched off before the answer, while training."
    )
    output: str = ruled(
        "logits", OneOf("logits", "softmax"), "Raw scores, or probabilities from the last layer."
    )
    normalisation: str = ruled(
        "unit", OneOf("unit", "standard"), "Pixels to 0..1, or to mean 0 and deviation 1."
    )
    classes: int = ruled(CLASS_COUNT, Whole(2, 1000), "How many classes the network answers with.")
    backbone: BackboneConfig = field(default_factory=BackboneConfig)
    imported: ImportedConfig = field(default_factory=ImportedConfig)

    def __post_init__(self) -> None:
        check_fields(self)
        object.__setattr__(self, "blocks", _checked_blocks(self.blocks))
        _check_backbone(self.backbone, self.blocks)
        if not isinstance(self.imported, ImportedConfig):
            raise ConfigError("imported must be an ImportedConfig.", received=shown(self.imported))


def _check_backbone(backbone: Any, blocks: tuple[BlockConfig, ...]) -> None:
    if not isinstance(backbone, BackboneConfig):
        raise ConfigError("backbone must be a BackboneConfig.", received=shown(backbone))
    if backbone.active and blocks:
        raise ConfigError(
            "A backbone takes the place of the blocks.",
            received=f"{backbone.name} and {len(blocks)} blocks",
            advice="Set blocks to [] beside it, or backbone.name to none.",
        )


def _checked_blocks(blocks: Any) -> tuple[BlockConfig, ...]:
    if not isinstance(blocks, (list, tuple)) or len(blocks) > MOST_BLOCKS:
        raise ConfigError(f"blocks must be a list of at most {MOST_BLOCKS} blocks.")
    for block in blocks:
        if not isinstance(block, BlockConfig):
            raise ConfigError("Each of blocks must be a BlockConfig.", received=shown(block))
    return tuple(blocks)

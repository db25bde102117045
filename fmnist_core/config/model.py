"""Configuration of the network: blocks of convolutions, a pretrained backbone, or an imported file.

An imported network can be asked, but not trained: the file holds no recipe to build it by.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fmnist_core.classes import CLASS_COUNT, IMAGE_SIDE
from fmnist_core.config.rules import (
    Flag,
    Number,
    OneOf,
    OneOfWholes,
    Whole,
    Wholes,
    check_fields,
    ruled,
)
from fmnist_core.errors import ArchitectureError, ConfigError, shown

# In place of the name of a preset.
IMPORTED = "imported"

NO_BACKBONE = "none"

BACKBONE_NAMES = ("vgg16", "resnet50", "mobilenetv2", "efficientnetv2b0")

ACTIVATIONS = ("relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid")
_ACTIVATION = OneOf(
    *ACTIVATIONS,
    labels={
        "relu": "ReLU",
        "leaky_relu": "Leaky ReLU",
        "elu": "ELU",
        "gelu": "GELU",
        "silu": "SiLU",
    },
)
MOST_BLOCKS = 8
BLOCK_COUNT = Whole(0, MOST_BLOCKS)


@dataclass(frozen=True)
class ImportedConfig:
    """An imported network, known by counting alone; all 0 for a network of the lab's own."""

    layers: int = ruled(0, Whole(0, 10_000), "Layers of the imported network.", label="Layers")
    parameters: int = ruled(
        0, Whole(0, 100_000_000), "Weights of the imported network.", label="Parameters"
    )
    values: int = ruled(
        0, Whole(0, 1_000_000_000), "Output values of all layers for one image.", label="Values"
    )
    multiply_adds: int = ruled(
        0,
        Whole(0, 100_000_000_000),
        "Multiply-accumulate operations (MACs) for one image.",
        label="Multiply-adds",
    )

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def active(self) -> bool:
        return self.layers > 0


# Each of these networks halves its map five times.
SIDE_STEP, _MOST_SIDE = 32, 224


_IMAGE_SIDES = (0, *range(SIDE_STEP, _MOST_SIDE + 1, SIDE_STEP))
IMAGE_SIZE = OneOfWholes(
    *_IMAGE_SIDES,
    words=f"a multiple of {SIDE_STEP} from {SIDE_STEP} to {_MOST_SIDE}, or 0 for the default of "
    "the backbone",
    labels={side: f"{side} pixels" if side else "Default" for side in _IMAGE_SIDES},
)

# What a network of the lab's own may read: as the data set is, and larger.
INPUT_SIDES = (IMAGE_SIDE, 40, 56)


@dataclass(frozen=True)
class BackboneConfig:
    """Which network of `keras.applications` looks at the image before the head answers.

    It reads the image enlarged to `image_size` x `image_size`, its gray in three equal channels.
    """

    name: str = ruled(
        NO_BACKBONE,
        OneOf(
            NO_BACKBONE,
            *BACKBONE_NAMES,
            labels={
                "vgg16": "VGG16",
                "resnet50": "ResNet50",
                "mobilenetv2": "MobileNetV2",
                "efficientnetv2b0": "EfficientNetV2-B0",
            },
        ),
        "A well-known network that replaces the blocks.",
        label="Backbone",
    )
    weights: str = ruled(
        "imagenet",
        OneOf("imagenet", "random", labels={"imagenet": "ImageNet"}),
        "Initial weights: pretrained on a million photos (ImageNet), or random.",
        label="Backbone weights",
    )
    image_size: int = ruled(
        0,
        IMAGE_SIZE,
        "Input size of the backbone in pixels; 0: its default.",
        label="Image size",
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


@dataclass(frozen=True)
class BlockConfig:
    """One block: some convolutions, then pooling, then dropout."""

    filters: int = ruled(
        32,
        Whole(1, 1024),
        "Number of filters (output channels) of each convolution.",
        label="Filters",
    )
    kernel: int = ruled(
        3, Whole(1, 11), "Side of the convolution kernel in pixels.", label="Kernel size"
    )
    convolutions: int = ruled(
        1, Whole(1, 4), "Number of convolutions in this block.", label="Convolutions"
    )
    batch_norm: bool = ruled(
        False, Flag(), "Batch normalization after each convolution.", label="Batch norm"
    )
    activation: str = ruled(
        "relu", _ACTIVATION, "Activation after each convolution.", label="Activation"
    )
    pooling: str = ruled(
        "max",
        OneOf("none", "max", "average", "stride"),
        "How the block halves the size of its feature maps.",
        label="Pooling",
    )
    dropout: float = ruled(
        0.0,
        Number(0, 0.9),
        "Share of values set to zero at random during training.",
        label="Dropout",
    )
    residual: bool = ruled(
        False, Flag(), "Add the block's input to its output (skip connection).", label="Residual"
    )
    separable: bool = ruled(
        False,
        Flag(),
        "Depthwise separable convolution: several times fewer weights.",
        label="Separable",
    )

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class ModelConfig:
    """A convolutional network for gray images of `input_side` x `input_side` pixels.

    The network takes raw pixels (0 to 255) and scales them itself, so that a user of a
    trained model cannot forget to. A first block with the pooling `stride` halves a larger image at
    once, so that all that follows costs what it costs at half the side.
    """

    blocks: tuple[BlockConfig, ...] = field(
        default=(BlockConfig(filters=32), BlockConfig(filters=64)), metadata={"label": "Blocks"}
    )
    input_side: int = ruled(
        IMAGE_SIDE,
        OneOfWholes(*INPUT_SIDES),
        "Width and height of the image that the network reads. The images of the data set have 28 "
        "pixels a side and are enlarged; drawings and photos come with their own detail.",
        label="Input side, pixels",
    )
    padding: str = ruled(
        "same",
        OneOf("same", "valid"),
        "Zero padding keeps the size of feature maps (same); valid shrinks them.",
        label="Padding",
    )
    head: str = ruled(
        "flatten",
        OneOf("flatten", "global_average", "global_max", labels={"global_max": "Global max"}),
        "How feature maps become one vector: flatten or global pooling.",
        label="Head",
    )
    dense: tuple[int, ...] = ruled(
        (64,), Wholes(1, 4096, 4), "Units of each dense layer.", label="Dense layers"
    )
    dense_activation: str = ruled(
        "relu", _ACTIVATION, "Activation after each dense layer.", label="Dense activation"
    )
    head_dropout: float = ruled(
        0.0,
        Number(0, 0.9),
        "Share of units set to zero at random before the output layer, during training.",
        label="Head dropout",
    )
    output: str = ruled(
        "logits",
        OneOf("logits", "softmax"),
        "Logits (raw scores) or softmax probabilities from the last layer.",
        label="Output",
    )
    normalization: str = ruled(
        "unit",
        OneOf("unit", "standard", labels={"unit": "0 to 1", "standard": "Mean 0, SD 1"}),
        "Scale pixels to 0 to 1, or to mean 0 and standard deviation 1.",
        label="Normalization",
    )
    classes: int = ruled(CLASS_COUNT, Whole(2, 1000), "Number of classes.", label="Classes")
    other_clothing: bool = ruled(
        False,
        Flag(),
        "An eleventh output for clothes outside the ten classes, learned from items of your "
        "collections with that label. Without it such items count as negatives (not clothing).",
        label="Other clothing",
    )
    backbone: BackboneConfig = field(
        default_factory=BackboneConfig,
        metadata={"label": "Backbone"},
    )
    imported: ImportedConfig = field(
        default_factory=ImportedConfig, metadata={"label": "Imported network"}
    )

    def __post_init__(self) -> None:
        check_fields(self)
        object.__setattr__(self, "blocks", _checked_blocks(self.blocks))
        _check_backbone(self.backbone, self.blocks)
        if not isinstance(self.imported, ImportedConfig):
            raise ConfigError("imported must be an ImportedConfig.", received=shown(self.imported))
        if self.imported.active and self.input_side != IMAGE_SIDE:
            raise ConfigError(
                f"An imported network reads {IMAGE_SIDE}x{IMAGE_SIDE} pixels.",
                received=f"input_side={self.input_side}",
            )

    @property
    def outputs(self) -> int:
        """Scores for an image: one a class, and the last for other clothing where it has that."""
        return self.classes + self.other_clothing


def _check_backbone(backbone: Any, blocks: tuple[BlockConfig, ...]) -> None:
    if not isinstance(backbone, BackboneConfig):
        raise ConfigError("backbone must be a BackboneConfig.", received=shown(backbone))
    if backbone.active and blocks:
        raise ConfigError(
            "A backbone replaces the blocks.",
            received=f"{backbone.name} and {len(blocks)} blocks",
            advice="Set blocks to [], or backbone.name to none.",
        )


def _checked_blocks(blocks: Any) -> tuple[BlockConfig, ...]:
    if not isinstance(blocks, (list, tuple)) or len(blocks) > MOST_BLOCKS:
        raise ConfigError(f"blocks must be a list of at most {MOST_BLOCKS} blocks.")
    for block in blocks:
        if not isinstance(block, BlockConfig):
            raise ConfigError("Each of blocks must be a BlockConfig.", received=shown(block))
    return tuple(blocks)


def no_recipe() -> ArchitectureError:
    """The error for training an imported network."""
    return ArchitectureError(
        "An imported network cannot be trained again: its file has weights, but no configuration.",
        advice="Evaluate or explain it, or use it on Try it.",
    )

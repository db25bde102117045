"""A configuration unrolled into layers, from scaled pixels to the head, by arithmetic alone.

The one description that both the table beside the form (`cost.py`) and Keras (`build.py`)
follow, so that they cannot disagree. No TensorFlow here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fmnist_core.config import BackboneConfig, BlockConfig, ModelConfig
from fmnist_core.errors import ArchitectureError, ConfigError
from fmnist_core.models.backbones import BACKBONES, cells_of, side_of

# Mean and standard deviation of the 60 000 official training images, pixels as 0..1. The same
# numbers for all images, so that a network sees any image as it saw those it learned from.
STANDARD_MEAN = 0.2860

STANDARD_DEVIATION = 0.3530


# What reads the gray pixels, in a network that begins with a block: one channel is never separated.
FIRST_CONVOLUTION = "block1_conv1"

Shape = tuple[int, ...]
# The layer that makes three equal channels of gray, for a backbone that was made for colours.
REPEAT = "channels"


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes:
        name: Unique in the network; also the Keras layer's name.
        kind: `input`, `scale`, `conv`, `depthwise`, `norm`, `activation`, `pool`, `dropout`, `add`,
            `flatten`, `global_pool` or `dense`; before a backbone `resize`, `channels` and
            `prepare`, then `backbone`, which is many layers in Keras. Of an `imported` network
            nothing else is planned: its layers are in its file.
        inputs: Names of the layers it reads.
        shape: Its output, without the batch: (height, width, channels) or (units,).
        options: What the kind needs to know (`kernel`, `stride`, `activation`, …).
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    shape: Shape
    options: dict[str, Any] = field(default_factory=dict)


def plan(config: ModelConfig) -> tuple[Layer, ...]:
    """All layers in the order of computation.

    Raises:
        ArchitectureError: A map shrinks to nothing, or a shortcut does not fit.
    """
    layers = _Layers(config.padding)
    layers.add("pixels", "input", (config.input_side, config.input_side, 1))
    if config.imported.active:
        layers.add("imported", "imported", (config.outputs,), facts=config.imported)
        return tuple(layers.all)
    if config.backbone.active:
        _add_backbone(layers, config.backbone)
    else:
        layers.add("scale", "scale", layers.shape, normalization=config.normalization)
    for number, block in enumerate(config.blocks, start=1):
        _add_block(layers, f"block{number}", block)
    _add_head(layers, config)
    return tuple(layers.all)


class _Layers:
    """The layers so far; each new one reads the last by default."""

    def __init__(self, padding: str) -> None:
        self.padding = padding
        self.all: list[Layer] = []

    @property
    def last(self) -> Layer:
        return self.all[-1]

    @property
    def shape(self) -> Shape:
        return self.last.shape

    def add(
        self, name: str, kind: str, shape: Shape, inputs: tuple[str, ...] = (), **options: Any
    ) -> Layer:
        if min(shape) < 1:
            raise ArchitectureError(
                f"The map shrinks to nothing at {name}: it gets {_size(self.shape)}.",
                advice="Use fewer poolings or smaller kernels, or set padding to 'same'.",
            )
        reads = inputs or ((self.last.name,) if self.all else ())
        self.all.append(Layer(name, kind, reads, shape, options))
        return self.last

    def convolve(self, name: str, filters: int, kernel: int, stride: int, bias: bool) -> Layer:
        height, width = (self._side(side, kernel, stride) for side in self.shape[:2])
        options: dict[str, Any] = {"kernel": kernel, "stride": stride, "bias": bias}
        return self.add(name, "conv", (height, width, filters), padding=self.padding, **options)

    def depthwise(self, name: str, kernel: int, stride: int) -> Layer:
        height, width, channels = self.shape
        shape = (self._side(height, kernel, stride), self._side(width, kernel, stride), channels)
        options: dict[str, Any] = {"kernel": kernel, "stride": stride, "padding": self.padding}
        return self.add(name, "depthwise", shape, **options)

    def _side(self, side: int, kernel: int, stride: int) -> int:
        room = side if self.padding == "same" else side - kernel + 1
        return -(-room // stride)


def _add_backbone(layers: _Layers, config: BackboneConfig) -> None:
    side, cells = side_of(config), cells_of(config)
    layers.add("resize", "resize", (side, side, 1))
    layers.add(REPEAT, "channels", (side, side, 3))
    # Its name says which backbone follows: weights behind it fit no other one.
    layers.add(entrance_of(config), "prepare", (side, side, 3), backbone=config.name)
    shape = (cells, cells, BACKBONES[config.name].channels)
    layers.add(config.name, "backbone", shape, backbone=config.name)


def entrance_of(config: BackboneConfig) -> str:
    """The layer through which all values pass on their way into the body of the network."""
    return f"{config.name}_scale" if config.active else "scale"


def _add_block(layers: _Layers, name: str, block: BlockConfig) -> None:
    entry = layers.last
    for index in range(block.convolutions):
        # The first convolution takes the stride: all that follows is then four times cheaper.
        stride = 2 if block.pooling == "stride" and index == 0 else 1
        part = f"{name}_conv{index + 1}"
        _add_convolution(layers, part, block, stride)
        if block.batch_norm:
            layers.add(f"{part}_norm", "norm", layers.shape)
        if block.residual and index == block.convolutions - 1:
            _add_shortcut(layers, name, entry, block)
        layers.add(f"{part}_{block.activation}", "activation", layers.shape, kind_=block.activation)
    _add_pooling(layers, name, block)
    if block.dropout:
        layers.add(f"{name}_dropout", "dropout", layers.shape, rate=block.dropout)


def _add_convolution(layers: _Layers, name: str, block: BlockConfig, stride: int) -> None:
    """Separable ones without a bend in between (Chollet, arXiv 1610.02357, section 4.7)."""
    bias, kernel = not block.batch_norm, block.kernel
    # One gray channel has nothing to mix: there the two steps would find a single pattern.
    if block.separable and layers.shape[-1] > 1:
        layers.depthwise(f"{name}_depth", kernel, stride)
        kernel = stride = 1
    layers.convolve(name, block.filters, kernel, stride, bias)


def _add_shortcut(layers: _Layers, name: str, entry: Layer, block: BlockConfig) -> None:
    path = layers.last
    if layers.padding != "same":
        raise ArchitectureError(
            f"The shortcut of {name} needs maps of equal size, but padding 'valid' trims them.",
            advice="Set padding to 'same', or switch the residual link off.",
        )
    if entry.shape != path.shape:
        stride = 2 if block.pooling == "stride" else 1
        options: dict[str, Any] = {"kernel": 1, "stride": stride, "bias": True, "padding": "same"}
        entry = layers.add(f"{name}_shortcut", "conv", path.shape, (entry.name,), **options)
    layers.add(f"{name}_add", "add", path.shape, (path.name, entry.name))


def _add_pooling(layers: _Layers, name: str, block: BlockConfig) -> None:
    if block.pooling in ("max", "average"):
        height, width, channels = layers.shape
        shape = (height // 2, width // 2, channels)
        layers.add(f"{name}_{block.pooling}_pool", "pool", shape, kind_=block.pooling)


def _add_head(layers: _Layers, config: ModelConfig) -> None:
    height, width, channels = layers.shape
    if config.head == "flatten":
        layers.add("flatten", "flatten", (height * width * channels,))
    else:
        layers.add(config.head, "global_pool", (channels,), kind_=config.head)
    for number, units in enumerate(config.dense, start=1):
        layers.add(f"dense{number}", "dense", (units,), activation=config.dense_activation)
    if config.head_dropout:
        layers.add("head_dropout", "dropout", layers.shape, rate=config.head_dropout)
    last = "softmax" if config.output == "softmax" else "linear"
    layers.add("answer", "dense", (config.outputs,), activation=last)


def _size(shape: Shape) -> str:
    return "x".join(str(side) for side in shape)


def scale_and_offset(kind: str) -> tuple[float, float]:
    """Scale and offset of gray values from 0 to 255.

    Args:
        kind: `"unit"`: to 0..1. `"standard"`: to mean 0 and deviation 1 on Fashion-MNIST.

    Raises:
        ConfigError: Another kind.
    """
    if kind == "unit":
        return 1 / 255, 0.0
    if kind == "standard":
        return 1 / (255 * STANDARD_DEVIATION), -STANDARD_MEAN / STANDARD_DEVIATION
    raise ConfigError("A normalization is one of unit, standard.", received=repr(kind))

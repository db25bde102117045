"""The cost of a network before it is built: parameters, multiply-adds, memory, time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from fmnist_core.config import ModelConfig
from fmnist_core.errors import ArchitectureError
from fmnist_core.models.backbones import BACKBONES
from fmnist_core.models.plan import Layer, Shape, plan

MOST_PARAMETERS = 30_000_000
MOST_MULTIPLY_ADDS = 2_000_000_000
MOST_TRAINING_BYTES = 6_000_000_000
_FLOAT = 4


@dataclass(frozen=True)
class LayerRow:
    """One line of the table: `output_shape` without the batch, costs for one image."""

    name: str
    kind: str
    output_shape: Shape
    parameters: int
    multiply_adds: int
    explanation: str


@dataclass(frozen=True)
class ModelSummary:
    """The table and its totals.

    Attributes:
        parameters: All weights, moving averages of batch normalisation included.
        trainable_parameters: Those that training changes.
        multiply_adds: For one image, one way through.
        activation_values: Numbers in all layers' outputs for one image.
    """

    layers: tuple[LayerRow, ...]
    parameters: int
    trainable_parameters: int
    multiply_adds: int
    activation_values: int

    @property
    def weight_bytes(self) -> int:
        return self.parameters * _FLOAT

    @property
    def activation_bytes(self) -> int:
        return self.activation_values * _FLOAT


@lru_cache(maxsize=1024)
def summarise(config: ModelConfig) -> ModelSummary:
    """The network's table and totals, in well under a millisecond, without TensorFlow.

    Raises:
        ArchitectureError: A map shrinks to nothing, a shortcut does not fit, or the network
            is larger than this lab takes.
    """
    layers = plan(config)
    shapes = {layer.name: layer.shape for layer in layers}
    rows = tuple(_row(layer, shapes) for layer in layers)
    moving = sum(_moving(layer) for layer in layers)
    parameters = sum(row.parameters for row in rows)
    summary = ModelSummary(
        layers=rows,
        parameters=parameters,
        trainable_parameters=parameters - moving,
        multiply_adds=sum(row.multiply_adds for row in rows),
        activation_values=sum(_values(layer) for layer in layers),
    )
    _check_limits(summary)
    return summary


def _moving(layer: Layer) -> int:
    if layer.kind == "backbone":
        return BACKBONES[layer.name].moving
    return 2 * layer.shape[-1] if layer.kind == "norm" else 0


def _values(layer: Layer) -> int:
    if layer.kind == "backbone":
        return BACKBONES[layer.name].values_a_cell * math.prod(layer.shape[:2])
    if layer.kind == "imported":
        return int(layer.options["facts"].values)
    return math.prod(layer.shape)


def _check_limits(summary: ModelSummary) -> None:
    for what, value, most in (
        ("parameters", summary.parameters, MOST_PARAMETERS),
        ("multiply-adds an image", summary.multiply_adds, MOST_MULTIPLY_ADDS),
    ):
        if value > most:
            raise ArchitectureError(
                f"A network may have at most {most:,} {what}.",
                received=f"{value:,}",
                advice="Use fewer filters or units, fewer blocks, or pool earlier; for a backbone "
                "a smaller side.",
            )


def _row(layer: Layer, shapes: dict[str, Shape]) -> LayerRow:
    inputs = [shapes[name] for name in layer.inputs]
    parameters, multiply_adds, explanation = _COSTS[layer.kind](layer, inputs)
    return LayerRow(layer.name, layer.kind, layer.shape, parameters, multiply_adds, explanation)


Cost = tuple[int, int, str]


def _conv(layer: Layer, inputs: list[Shape]) -> Cost:
    kernel = layer.options["kernel"]
    filters = layer.shape[-1]
    weights = kernel * kernel * inputs[0][-1] * filters
    positions = layer.shape[0] * layer.shape[1]
    bias = filters if layer.options["bias"] else 0
    step = ", every second pixel" if layer.options["stride"] == 2 else ""
    return weights + bias, weights * positions, f"{filters} filters of {kernel}x{kernel}{step}"


def _depthwise(layer: Layer, inputs: list[Shape]) -> Cost:
    kernel = layer.options["kernel"]
    weights = kernel * kernel * layer.shape[-1]
    adds = weights * layer.shape[0] * layer.shape[1]
    return weights, adds, f"one {kernel}x{kernel} filter for each channel"


def _dense(layer: Layer, inputs: list[Shape]) -> Cost:
    weights = inputs[0][0] * layer.shape[0]
    return weights + layer.shape[0], weights, f"{layer.shape[0]} units, all connected"


def _norm(layer: Layer, inputs: list[Shape]) -> Cost:
    return 4 * layer.shape[-1], math.prod(layer.shape), "each channel rescaled"


def _backbone(layer: Layer, inputs: list[Shape]) -> Cost:
    facts = BACKBONES[layer.name]
    adds = facts.multiply_adds_a_cell * math.prod(layer.shape[:2]) + facts.multiply_adds
    return facts.parameters, adds, f"{facts.title}, {facts.source}"


def _imported(layer: Layer, inputs: list[Shape]) -> Cost:
    facts = layer.options["facts"]
    return facts.parameters, facts.multiply_adds, f"{facts.layers} layers, from a file"


def _free(explanation: str) -> Cost:
    return 0, 0, explanation


_COSTS = {
    "input": lambda layer, inputs: _free(
        f"{layer.shape[0]}x{layer.shape[1]} gray values, 0 to 255"
    ),
    "scale": lambda layer, inputs: _free(
        "to 0..1"
        if layer.options["normalization"] == "unit"
        else "to mean about 0, deviation about 1"
    ),
    "conv": _conv,
    "depthwise": _depthwise,
    "norm": _norm,
    "activation": lambda layer, inputs: _free(f"{layer.options['kind_']} on every value"),
    "pool": lambda layer, inputs: _free(f"2x2 squares to their {layer.options['kind_']}"),
    "dropout": lambda layer, inputs: _free(f"{layer.options['rate']:.0%} off while training"),
    "add": lambda layer, inputs: _free("the block's input added"),
    "flatten": lambda layer, inputs: _free("all values in one row"),
    "global_pool": lambda layer, inputs: _free("one value a channel"),
    "dense": _dense,
    "resize": lambda layer, inputs: _free("enlarged, smoothly between the pixels"),
    "channels": lambda layer, inputs: _free("the gray three times: red, green, blue"),
    "prepare": lambda layer, inputs: _free("scaled as for its pretrained weights"),
    "backbone": _backbone,
    "imported": _imported,
}


def training_bytes(summary: ModelSummary, batch_size: int) -> int:
    """Memory that training needs beside the framework's own 0.5 GB, in bytes (estimate).

    Weights, gradients and two moments; outputs of all layers for one batch and their gradients.
    """
    return 4 * summary.weight_bytes + 2 * batch_size * summary.activation_bytes


def check_memory(summary: ModelSummary, batch_size: int) -> None:
    """Raises ArchitectureError where a batch of this size would not fit in memory."""
    needed = training_bytes(summary, batch_size)
    if needed > MOST_TRAINING_BYTES:
        raise ArchitectureError(
            f"Training may take at most {MOST_TRAINING_BYTES / 1e9:.0f} GB of memory.",
            received=f"{needed / 1e9:.1f} GB for batches of {batch_size}",
            advice="Use smaller batches or a smaller network.",
        )


# Fitted on two cores of a 2024 server processor (see docs/performance.md): what a step costs by
# itself, what arithmetic costs, and what moving the layers' outputs through memory costs.
_SECONDS_A_STEP = 1.5e-3
_MULTIPLY_ADDS_A_SECOND = {"float32": 200e9, "mixed_bfloat16": 370e9}
_VALUES_A_SECOND = {"float32": 2.5e9, "mixed_bfloat16": 2.1e9}


def seconds_per_epoch(
    summary: ModelSummary, images: int, batch_size: int, precision: str = "float32"
) -> float:
    """Expected seconds for one pass over `images` on two cores; a rough estimate.

    Forward and backward together are three times the forward arithmetic.
    """
    steps = math.ceil(images / batch_size)
    arithmetic = 3 * images * summary.multiply_adds / _MULTIPLY_ADDS_A_SECOND[precision]
    memory = images * summary.activation_values / _VALUES_A_SECOND[precision]
    return steps * _SECONDS_A_STEP + arithmetic + memory

"""Arithmetic inside a network, `x / 255.0` or `x + y`, as layers of Keras that compute the same.

Keras 3 writes it down as operations, Keras 2 as `TFOpLambda` with the name of a function. Neither
is run: a few are known by name and become layers; any other is refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from fmnist_core.exchange.importing.connections import Reference

_LAYERS_OF_TWO = {
    "add": "Add",
    "subtract": "Subtract",
    "multiply": "Multiply",
    "maximum": "Maximum",
    "minimum": "Minimum",
}
_ACTIVATIONS = frozenset(
    (
        *("relu", "relu6", "sigmoid", "tanh", "softmax", "log_softmax", "softplus", "softsign"),
        *("silu", "selu", "elu", "gelu"),
    )
)
# What an activation may be told without computing anything else than Keras' layer of its name.
_AS_USUAL: dict[str, tuple[Any, ...]] = {
    "axis": (-1, None),
    "alpha": (1, None),
    "approximate": (False, None),
    "negative_slope": (0, None),
    "threshold": (0, None),
    "max_value": (None,),
}
_OPERATIONS = {
    "keras.src.ops.numpy": {
        **{"Add": "add", "Subtract": "subtract", "Multiply": "multiply", "Negative": "negative"},
        **{"TrueDivide": "divide", "Divide": "divide", "Reshape": "reshape", "Tanh": "tanh"},
        **{"Maximum": "maximum", "Minimum": "minimum", "ExpandDims": "expand_dims"},
    },
    "keras.src.ops.core": {"Cast": "cast"},
    "keras.src.ops.nn": {
        **{"Relu": "relu", "Relu6": "relu6", "Sigmoid": "sigmoid", "Softmax": "softmax"},
        **{"LogSoftmax": "log_softmax", "Softplus": "softplus", "Softsign": "softsign"},
        **{"Silu": "silu", "Selu": "selu", "Elu": "elu", "Gelu": "gelu"},
    },
    "keras.src.activations.activations": {"ReLU": "relu"},
}
_TF_FUNCTIONS = {
    **{"math.truediv": "divide", "math.divide": "divide", "math.multiply": "multiply"},
    **{"math.add": "add", "__operators__.add": "add", "math.subtract": "subtract"},
    **{"math.negative": "negative", "math.maximum": "maximum", "math.minimum": "minimum"},
    **{"cast": "cast", "reshape": "reshape", "expand_dims": "expand_dims"},
    **{"math.sigmoid": "sigmoid", "math.tanh": "tanh", "math.softplus": "softplus"},
    **{f"nn.{name}": name for name in _ACTIVATIONS},
    "nn.swish": "silu",
}


@dataclass(frozen=True)
class Computed:
    """A layer in place of an operation: its class, its configuration, and what it reads."""

    kind: str
    config: dict[str, Any]
    reads: tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    """A known operation: its name here, what it is told, and what it computes with."""

    name: str
    operands: tuple[Reference | float, ...]
    options: dict[str, Any] = field(default_factory=dict)


def operation_name(module: Any, kind: Any, config: dict[str, Any]) -> str | None:
    """The name here of an operation of Keras 3 or of a `TFOpLambda` of Keras 2; none if unknown."""
    if kind == "TFOpLambda":
        return _TF_FUNCTIONS.get(str(config.get("function")))
    return _OPERATIONS.get(str(module), {}).get(str(kind))


def as_layer(operation: Operation) -> Computed | None:
    """The layer that computes the same; none if there is no such layer."""
    name, options = operation.name, operation.options
    tensors = tuple(one.layer for one in operation.operands if isinstance(one, Reference))
    if len(operation.operands) == 2:
        return _of_two(name, operation.operands, tensors)
    if len(tensors) != 1 or len(operation.operands) != 1:
        return None
    if name == "negative":
        return _rescaled(tensors, -1.0, 0.0)
    if name == "cast":
        kept = str(options.get("dtype")) in ("float16", "float32", "float64", "bfloat16")
        return Computed("Identity", {}, tensors) if kept else None
    if name in ("reshape", "expand_dims"):
        shape = _shape(name, options)
        return Computed("Reshape", {"target_shape": shape}, tensors) if shape else None
    if name in _ACTIVATIONS and all(options[key] in _AS_USUAL.get(key, (None,)) for key in options):
        return Computed("Activation", {"activation": name}, tensors)
    return None


def _of_two(
    name: str, operands: tuple[Reference | float, ...], tensors: tuple[str, ...]
) -> Computed | None:
    if len(tensors) == 2:
        kind = _LAYERS_OF_TWO.get(name)
        return Computed(kind, {}, tensors) if kind else None
    numbers = [one for one in operands if not isinstance(one, Reference)]
    if len(numbers) != 1:
        return None
    number, first = numbers[0], isinstance(operands[0], Reference)
    if name == "add":
        return _rescaled(tensors, 1.0, number)
    if name == "subtract":
        return _rescaled(tensors, 1.0, -number) if first else _rescaled(tensors, -1.0, number)
    if name == "multiply":
        return _rescaled(tensors, number, 0.0)
    if name == "divide" and first and number:
        return _rescaled(tensors, 1 / number, 0.0)
    return None


def _rescaled(tensors: tuple[str, ...], scale: float, offset: float) -> Computed | None:
    if not (math.isfinite(scale) and math.isfinite(offset)):
        return None
    return Computed("Rescaling", {"scale": scale, "offset": offset}, tensors)


def _shape(name: str, options: dict[str, Any]) -> list[int] | None:
    """Of one image's values, which an operation counts together with their number."""
    if name == "expand_dims":
        # Of an image without a channel alone: for it the layer needs to be told the whole shape.
        return [28, 28, 1] if options.get("axis") in (-1, 3) else None
    shape = options.get("shape", options.get("newshape"))
    if not isinstance(shape, list) or not 2 <= len(shape) <= 5 or shape[0] not in (-1, None):
        return None
    whole = [size for size in shape[1:] if isinstance(size, int) and not isinstance(size, bool)]
    return whole if len(whole) == len(shape) - 1 else None

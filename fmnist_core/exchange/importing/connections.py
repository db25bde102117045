"""What a layer of a functional network reads, as Keras 2 and Keras 3 write it down."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

TENSOR = "__keras_tensor__"
_ARRAYS = ("__numpy__", "__tensor__")
# How Keras 2 marks a number where it expects the name of a layer.
_CONSTANT = "_CONSTANT_VALUE"


@dataclass(frozen=True)
class Reference:
    """The output of a layer."""

    layer: str


@dataclass(frozen=True)
class Call:
    """How a layer is called.

    Attributes:
        given: Outputs of other layers and numbers, in the order they are handed over.
        together: Whether they are handed over as one list.
        options: Other arguments by name, as they stand in the file.
    """

    given: tuple[Reference | float, ...]
    together: bool
    options: dict[str, Any]


def call_of(node: Any) -> Call | None:
    """The one call of a layer; none if it cannot be read.

    Args:
        node: The only entry of the layer's `inbound_nodes`.
    """
    if isinstance(node, dict):
        return _call_of_keras_3(node)
    if not isinstance(node, list) or not node:
        return None
    # Keras 2 lists what a layer reads; of a function it gives the first argument alone.
    if isinstance(node[0], str):
        return _call_of_function(node)
    read = [_reference(one) for one in node]
    options = [one[3] if len(one) > 3 else {} for one in node if isinstance(one, list)]
    given = tuple(one for one in read if one is not None)
    if len(given) != len(node) or not all(isinstance(one, dict) for one in options):
        return None
    merged = {name: value for one in options for name, value in one.items()}
    return Call(given, len(given) > 1, merged)


def written(reads: tuple[str, ...], together: bool) -> dict[str, Any]:
    """A call in the form of Keras 3; it finds out the shapes by itself."""
    tensors = [
        {
            "class_name": TENSOR,
            "config": {"shape": [None], "dtype": "float32", "keras_history": [name, 0, 0]},
        }
        for name in reads
    ]
    return {"args": [tensors] if together else tensors, "kwargs": {}}


def only_reference(value: Any) -> Reference | None:
    """The layer that a network's inputs or outputs name, if it is one: `["name", 0, 0]`."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return _reference(value)


def _call_of_keras_3(node: dict[str, Any]) -> Call | None:
    args, kwargs = node.get("args"), node.get("kwargs")
    if not isinstance(args, list) or not isinstance(kwargs, dict):
        return None
    if not args and "inputs" in kwargs:
        kwargs = dict(kwargs)
        args = [kwargs.pop("inputs")]
    together = len(args) == 1 and isinstance(args[0], list)
    read = [_operand(one) for one in (args[0] if together else args)]
    given = tuple(one for one in read if one is not None)
    return Call(given, together, kwargs) if given and len(given) == len(read) else None


def _call_of_function(node: list[Any]) -> Call | None:
    if len(node) != 4 or not isinstance(node[3], dict):
        return None
    options = dict(node[3])
    first = number(node[2]) if node[0] == _CONSTANT else _reference(node)
    given = [first]
    if "y" in options:
        second = options.pop("y")
        given.append(_reference(second) if isinstance(second, list) else number(second))
    read = tuple(one for one in given if one is not None)
    return Call(read, False, options) if len(read) == len(given) else None


def _operand(value: Any) -> Reference | float | None:
    if isinstance(value, dict) and value.get("class_name") == TENSOR:
        config = value.get("config")
        return _reference(config.get("keras_history")) if isinstance(config, dict) else None
    return number(value)


def _reference(value: Any) -> Reference | None:
    if not isinstance(value, list) or len(value) not in (3, 4):
        return None
    # Which call of that layer is not looked at: each has one, and gives one output.
    layer, _, output = value[:3]
    return Reference(layer) if isinstance(layer, str) and output == 0 else None


def number(value: Any) -> float | None:
    """A finite number, also as an array of a single one; none otherwise."""
    if isinstance(value, dict) and value.get("class_name") in _ARRAYS:
        config = value.get("config")
        value = config.get("value") if isinstance(config, dict) else None
        for _ in range(4):
            value = value[0] if isinstance(value, list) and len(value) == 1 else value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None

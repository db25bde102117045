"""The bends between layers as plain functions of one number, by their names in Keras."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

# Slopes and limits are Keras' own defaults, which are what a configuration of the lab means.
_LEAK = 0.2


def _sigmoid(number: float) -> float:
    # Written so that neither side overflows.
    half = math.tanh(number / 2)
    return (1 + half) / 2


def _gelu(number: float) -> float:
    return number * (1 + math.erf(number / math.sqrt(2))) / 2


ACTIVATION_OF: dict[str, Callable[[float], float]] = {
    "linear": lambda number: number,
    # Not `max`: what is no number must stay none.
    "relu": lambda number: 0.0 if number < 0 else number,
    "relu6": lambda number: 0.0 if number < 0 else 6.0 if number > 6 else number,
    "leaky_relu": lambda number: number if number >= 0 else _LEAK * number,
    "elu": lambda number: number if number >= 0 else math.expm1(number),
    "gelu": _gelu,
    "silu": lambda number: number * _sigmoid(number),
    "tanh": math.tanh,
    "sigmoid": _sigmoid,
}


def bend_of(layer: Any) -> str:
    """The name of the bend that a Keras layer puts on each number; empty where it is none of these.

    Backbones have layers `ReLU` of their own where this lab has `Activation`.
    """
    if type(layer).__name__ == "ReLU":
        name = {None: "relu", 6: "relu6"}.get(layer.max_value, "")
        return "" if layer.negative_slope or layer.threshold else name
    name = getattr(getattr(layer, "activation", None), "__name__", "")
    return name if name in ACTIVATION_OF else ""

"""Layers as Keras 2.13 to 2.15 describe them, in the words of Keras 3, which compute the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Config = dict[str, Any]
# What Keras 2 writes into its descriptions and Keras 3 does not know; nothing of it computes.
_LEFT_AWAY = {
    "BatchNormalization": ("fused", "renorm", "renorm_clipping", "renorm_momentum", "adjustment"),
    "DepthwiseConv2D": ("filters", "kernel_initializer", "kernel_regularizer", "kernel_constraint"),
    "SeparableConv2D": ("kernel_initializer", "kernel_regularizer", "kernel_constraint"),
}
# The same name, and another curve: Keras 2 has 0.2 x + 0.5, Keras 3 has x / 6 + 0.5.
OTHER_CURVES = frozenset({"hard_sigmoid"})


def modernized(kind: str, config: Config) -> Config:
    """The configuration of a layer without what only Keras 2 writes."""
    config = {key: config[key] for key in config if key not in _LEFT_AWAY.get(kind, ())}
    shape = config.pop("batch_input_shape", None)
    if kind == "InputLayer" and shape is not None:
        config["batch_shape"] = shape
    return _CHANGES[kind](config) if kind in _CHANGES else config


def _leaky(config: Config) -> Config:
    if "alpha" in config:
        config["negative_slope"] = config.pop("alpha")
    return config


def _normalized(config: Config) -> Config:
    axis = config.get("axis")
    if isinstance(axis, list) and len(axis) == 1:
        config["axis"] = axis[0]
    return config


def _ungrouped(config: Config) -> Config:
    """Keras 2 names the groups of these, too, and computes with one alone."""
    if config.get("groups") == 1:
        del config["groups"]
    return config


_CHANGES: dict[str, Callable[[Config], Config]] = {
    "BatchNormalization": _normalized,
    "DepthwiseConv2D": _ungrouped,
    "LeakyReLU": _leaky,
    "SeparableConv2D": _ungrouped,
}

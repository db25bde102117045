"""Layers and weights as Keras 2.13 to 2.15 write them, in the words of Keras 3.

Reference: `saving_lib.py` of Keras 2.13, `_save_container_state`, and of Keras 3.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

Config = dict[str, Any]
# What Keras 2 writes into its descriptions and Keras 3 does not know; nothing of it computes.
_LEFT_AWAY = {
    "BatchNormalization": ("fused", "renorm", "renorm_clipping", "renorm_momentum", "adjustment"),
    "DepthwiseConv2D": ("filters", "kernel_initializer", "kernel_regularizer", "kernel_constraint"),
    "SeparableConv2D": ("kernel_initializer", "kernel_regularizer", "kernel_constraint"),
}
_OLD_GROUP, _NEW_GROUP = "_layer_checkpoint_dependencies", "layers"
# The same name, and another curve: Keras 2 has 0.2 x + 0.5, Keras 3 has x / 6 + 0.5.
OTHER_CURVES = frozenset({"hard_sigmoid"})


def modernized(kind: str, config: Config) -> Config:
    """The configuration of a layer without what only Keras 2 writes."""
    config = {key: config[key] for key in config if key not in _LEFT_AWAY.get(kind, ())}
    shape = config.pop("batch_input_shape", None)
    if kind == "InputLayer" and shape is not None:
        config["batch_shape"] = shape
    return _CHANGES[kind](config) if kind in _CHANGES else config


def count_once(weights: Path) -> None:
    """Names the groups of a checked file of weights as later releases do, where 2.13 wrote it.

    They are named by the kind of a layer and counted: `dense`, `dense_1`. Keras 2.13 went over
    each layer with weights twice, so that `dense_2` is the second of its kind.
    """
    import h5py

    with h5py.File(weights, "r+") as file:
        parents = [file]
        while parents:
            parent = parents.pop()
            if _OLD_GROUP not in parent:
                continue
            parent.move(_OLD_GROUP, _NEW_GROUP)
            layers = parent[_NEW_GROUP]
            of_kind: dict[str, list[tuple[int, str]]] = defaultdict(list)
            for name in layers:
                kind, _, number = name.rpartition("_")
                counted = bool(kind) and number.isdecimal()
                of_kind[kind if counted else name].append((int(number) if counted else 0, name))
            for kind, found in of_kind.items():
                # From the first on: each goes to a number that is free by then.
                for place, (_, name) in enumerate(sorted(found)):
                    new = f"{kind}_{place}" if place else kind
                    if new != name:
                        layers.move(name, new)
            parents += [layers[name] for name in layers if isinstance(layers[name], h5py.Group)]


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

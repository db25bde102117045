"""The layers with weights, and what comes of each. Only worker processes import this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fmnist_core.errors import ConfigError
from fmnist_core.explain.elementwise_layers import followers, is_bend, is_pooling
from fmnist_core.explain.views import Kind, SeenLayer
from fmnist_core.lab_keras import keras
from fmnist_core.models.model_cache import kept_with_network


@dataclass(frozen=True, eq=False)
class Viewpoint:
    """A layer with weights, and what comes of it.

    Attributes:
        name, kind: Of the layer: `convolution`, `dense` or `answer`.
        layer: The layer.
        raw: Its output, normalised and added to, not yet bent; a dense layer may have bent it.
        output: The same, bent, before it is pooled.
    """

    name: str
    kind: Kind
    layer: keras.layers.Layer
    raw: Any
    output: Any

    @property
    def seen(self) -> SeenLayer:
        """The same for other processes."""
        return SeenLayer(self.name, self.kind, tuple(self.output.shape[1:]))


@kept_with_network
def viewpoints(model: keras.Model) -> tuple[Viewpoint, ...]:
    """All of them in the order of computation.

    A shortcut's convolution ends where the one beside it does, and is left to that one.
    """
    order = {id(layer.output): number for number, layer in enumerate(model.layers)}
    found: dict[int, Viewpoint] = {}
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            one = _of_convolution(model, layer)
            beside = found.get(id(one.output))
            if beside is None or layer.kernel_size > beside.layer.kernel_size:
                found[id(one.output)] = one
        elif isinstance(layer, keras.layers.Dense) and len(layer.output.shape) == 2:
            kind: Kind = "answer" if layer is model.layers[-1] else "dense"
            found[id(layer.output)] = Viewpoint(layer.name, kind, layer, layer.output, layer.output)
    return tuple(sorted(found.values(), key=lambda one: order[id(one.output)]))


def convolutions(model: keras.Model) -> tuple[Viewpoint, ...]:
    """Those with maps; perhaps none."""
    return tuple(one for one in viewpoints(model) if one.kind == "convolution")


def viewpoint(model: keras.Model, name: str) -> Viewpoint:
    """The one of that layer.

    Raises:
        ConfigError: The network has no such layer.
    """
    found = next((one for one in viewpoints(model) if one.name == name), None)
    if found is None:
        raise ConfigError(
            "The network has no such layer.",
            received=repr(name)[:80],
            advice="Choose one of: " + ", ".join(one.name for one in viewpoints(model)) + ".",
        )
    return found


def straight(layer: keras.layers.Dense) -> Any:
    """A dense layer's pre-activations, as a tensor of the same network.

    After a softmax all sure answers are alike, and its slopes are flat.
    """
    if layer.activation is keras.activations.linear:
        return layer.output
    copy = keras.layers.Dense(layer.units, use_bias=layer.use_bias, dtype=layer.dtype_policy)
    units = copy(layer.input)
    copy.set_weights(layer.get_weights())
    return units


def _of_convolution(model: keras.Model, layer: keras.layers.Conv2D) -> Viewpoint:
    raw, last = layer, layer
    for after in followers(model, layer):
        if is_pooling(after):
            break
        last = after
        if not is_bend(after):
            raw = after
    return Viewpoint(layer.name, "convolution", layer, raw.output, last.output)

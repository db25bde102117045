"""The layers with weights and their outputs. Only worker processes import this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fmnist_core.errors import ConfigError
from fmnist_core.explain.elementwise_layers import followers, is_activation, is_pooling
from fmnist_core.explain.views import Kind, TappedLayer
from fmnist_core.lab_keras import keras
from fmnist_core.models.model_cache import cached_per_model


@dataclass(frozen=True, eq=False)
class LayerTap:
    """A layer with weights, and its outputs.

    Attributes:
        name, kind: Of the layer: `convolution`, `dense` or `answer`.
        layer: The layer.
        raw: The pre-activation, after normalization and addition; the output of a dense layer.
        output: The activation, before pooling.
    """

    name: str
    kind: Kind
    layer: keras.layers.Layer
    raw: Any
    output: Any

    @property
    def tapped(self) -> TappedLayer:
        """A description for other processes."""
        return TappedLayer(self.name, self.kind, tuple(self.output.shape[1:]))


@cached_per_model
def layer_taps(model: keras.Model) -> tuple[LayerTap, ...]:
    """All of them in the order of computation.

    A shortcut's convolution shares its output with the main branch, which stands for both.
    """
    order = {id(layer.output): number for number, layer in enumerate(model.layers)}
    found: dict[int, LayerTap] = {}
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            one = _of_convolution(model, layer)
            beside = found.get(id(one.output))
            if beside is None or layer.kernel_size > beside.layer.kernel_size:
                found[id(one.output)] = one
        elif isinstance(layer, keras.layers.Dense) and len(layer.output.shape) == 2:
            kind: Kind = "answer" if layer is model.layers[-1] else "dense"
            found[id(layer.output)] = LayerTap(layer.name, kind, layer, layer.output, layer.output)
    return tuple(sorted(found.values(), key=lambda one: order[id(one.output)]))


def convolutions(model: keras.Model) -> tuple[LayerTap, ...]:
    """The convolutions; perhaps none."""
    return tuple(one for one in layer_taps(model) if one.kind == "convolution")


def layer_tap(model: keras.Model, name: str) -> LayerTap:
    """The tap of that layer.

    Raises:
        ConfigError: The network has no such layer.
    """
    found = next((one for one in layer_taps(model) if one.name == name), None)
    if found is None:
        raise ConfigError(
            "The network has no such layer.",
            received=repr(name)[:80],
            advice="Choose one of: " + ", ".join(one.name for one in layer_taps(model)) + ".",
        )
    return found


def pre_activation(layer: keras.layers.Dense) -> Any:
    """A dense layer's pre-activations, as a tensor of the same network.

    A softmax saturates, and its gradients vanish.
    """
    if layer.activation is keras.activations.linear:
        return layer.output
    copy = keras.layers.Dense(layer.units, use_bias=layer.use_bias, dtype=layer.dtype_policy)
    units = copy(layer.input)
    copy.set_weights(layer.get_weights())
    return units


def _of_convolution(model: keras.Model, layer: keras.layers.Conv2D) -> LayerTap:
    raw, last = layer, layer
    for after in followers(model, layer):
        if is_pooling(after):
            break
        last = after
        if not is_activation(after):
            raw = after
    return LayerTap(layer.name, "convolution", layer, raw.output, last.output)

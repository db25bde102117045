"""Which layers of one network can take over the weights of another: by arithmetic alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fmnist_core.config import ModelConfig
from fmnist_core.models.plan import Layer, Shape, entrance_of, plan

# The shapes of each layer's weights, by the layer's name; of layers without weights none.
WeightShapes = Mapping[str, tuple[Shape, ...]]


@dataclass(frozen=True)
class WeightMatch:
    """Names of a network's layers with weights, in the order of computation.

    Attributes:
        taken: They can be taken over.
        fresh: They cannot, and start with random weights.
    """

    taken: tuple[str, ...]
    fresh: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return not self.fresh


def fit(given: WeightShapes, wanted: ModelConfig) -> WeightMatch:
    """The layers of a network `wanted` that match those of one with the layers `given`.

    Layers fit that have equal names and shapes, in networks that begin alike: with the same
    backbone, or with blocks. A backbone fits as a whole, whatever the size of its images. Where the
    first layer does not fit, none does: what the others learned to read is not there.
    """
    if entrance_of(wanted.backbone) not in given:
        given = {}
    layers = plan(wanted)
    shapes = weight_shapes(wanted)
    weighted = [one for one in layers if shapes[one.name] or one.kind == "backbone"]
    begins_alike = bool(weighted) and _fits(weighted[0], shapes, given)
    taken = [one.name for one in weighted if begins_alike and _fits(one, shapes, given)]
    return WeightMatch(tuple(taken), tuple(one.name for one in weighted if one.name not in taken))


def _fits(layer: Layer, shapes: WeightShapes, given: WeightShapes) -> bool:
    if layer.kind == "backbone":
        return bool(given)
    return given.get(layer.name) == shapes[layer.name]


def weight_shapes(config: ModelConfig) -> dict[str, tuple[Shape, ...]]:
    """The shapes of all layers' weights as Keras lists them; none for a backbone."""
    layers = plan(config)
    outputs = {layer.name: layer.shape for layer in layers}
    return {
        layer.name: _shapes(layer, [outputs[name] for name in layer.inputs]) for layer in layers
    }


def _shapes(layer: Layer, inputs: list[Shape]) -> tuple[Shape, ...]:
    width = layer.shape[-1:]
    if layer.kind == "conv":
        kernel = layer.options["kernel"]
        bias = (width,) if layer.options["bias"] else ()
        return ((kernel, kernel, inputs[0][-1], *width), *bias)
    if layer.kind == "depthwise":
        kernel = layer.options["kernel"]
        return ((kernel, kernel, *width, 1),)
    if layer.kind == "dense":
        return ((*inputs[0], *width), width)
    return (width,) * 4 if layer.kind == "norm" else ()

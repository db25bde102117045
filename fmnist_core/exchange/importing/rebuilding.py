"""A network from elsewhere as one of ours: flat, from gray values as they are to scores.

Only the confined process imports this (`loading`). The last layer is called `answer`, a dense one
without an activation, since the lab explains a network by the input of that layer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist_core.errors import ImportedFileError
from fmnist_core.lab_keras import keras

# What our own layers around theirs are called.
_OURS = ("pixels", "scale", "as_they_take_it", "answer")
# Layers that do nothing while a network is asked. Of augmentation, which goes under many names,
# the description already has `Identity` alone.
_ASLEEP = (
    *("Dropout", "SpatialDropout2D", "GaussianDropout", "GaussianNoise", "AlphaDropout"),
    *("ActivityRegularization", "Identity"),
)
# They stand in the description: one for each pixel, and some more.
_MOST_CONSTANTS = 4_096
# How a network may end. With the scores z, softmax gives shares; log_softmax their logarithms, so
# that softmax gives the shares of either. Ten sigmoids answer ten questions: that exactly one of
# them is answered with yes has the odds exp(z), so that softmax again gives the shares.
_ENDINGS = ("linear", "softmax", "log_softmax", "sigmoid")


@dataclass(frozen=True)
class Rebuilt:
    """A network as the lab keeps it.

    Attributes:
        model: Takes gray values (28, 28, 1) from 0 to 255 and gives scores.
        ending: What it gave in its file: one of `_ENDINGS`.
        last: The layer that it ended with, for a message.
    """

    model: Any
    ending: str
    last: str

    def reads(self, scale: float, offset: float) -> None:
        """From now on it takes gray values scaled like this."""
        layer = self.model.get_layer("scale")
        layer.scale, layer.offset = scale, offset


def leaves(model: Any) -> list[Any]:
    """All layers, those of networks within it among them, in the order of computation."""
    return [
        leaf
        for layer in model.layers
        for leaf in (leaves(layer) if isinstance(layer, keras.Model) else [layer])
    ]


def rebuilt(model: Any) -> Rebuilt:
    """The layers of `model`, with their weights, in a network of ours.

    Raises:
        ImportedFileError: It does not end as a classifier does.
    """
    _name_apart(leaves(model))
    pixels = keras.Input((28, 28, 1), name="pixels")
    value = keras.layers.Rescaling(1.0, name="scale")(pixels)
    taken = tuple(model.inputs[0].shape[1:])
    if taken != (28, 28, 1):
        value = keras.layers.Reshape(taken, name="as_they_take_it")(value)
    way = _Way()
    end = way.through(model, value)
    last = way.made_by[id(end)][0] if id(end) in way.made_by else None
    if last is None:
        raise _unread("nothing but its input")
    value, ending, dense = _ending(way, end)
    made = keras.Model(pixels, _answer(value, dense), name="classifier")
    return Rebuilt(made, ending, _called(last))


class _Way:
    """Calls layers for another input, and remembers which layer made what of what."""

    def __init__(self) -> None:
        self.made_by: dict[int, tuple[Any, Any]] = {}
        # Values are known by their identity, so none may go.
        self._kept: list[Any] = []

    def through(self, model: Any, value: Any) -> Any:
        """The output of a network, of whatever networks it consists."""
        if isinstance(model, keras.Sequential):
            for layer in model.layers:
                value = self._step(layer, value)
            return value
        made = {id(model.inputs[0]): value}
        for layer in model.layers:
            # A network within another has its call there besides the one of its own.
            node = layer._inbound_nodes[-1]
            theirs = node.output_tensors[0]
            if id(theirs) in made:
                continue
            reads = [made[id(one)] for one in node.input_tensors]
            several = isinstance(node.arguments.args[0], (list, tuple))
            made[id(theirs)] = self._step(layer, reads if several else reads[0])
        return made[id(model.outputs[0])]

    def _step(self, layer: Any, given: Any) -> Any:
        if type(layer).__name__ in _ASLEEP or isinstance(layer, keras.layers.InputLayer):
            return given
        if isinstance(layer, keras.Model):
            return self.through(layer, given)
        if isinstance(layer, keras.layers.Normalization):
            layer = _with_constants(layer)
        bend = getattr(layer, "activation", None)
        if not isinstance(bend, keras.Layer):
            return self._called(layer, given)
        # An activation that is a layer becomes one of the row.
        layer.activation = keras.activations.linear
        bend.name = f"{layer.name}_activation"
        return self._called(bend, self._called(layer, given))

    def _called(self, layer: Any, given: Any) -> Any:
        value = layer(given)
        self.made_by[id(value)] = layer, given
        self._kept.append(value)
        return value


def _ending(way: _Way, end: Any) -> tuple[Any, str, Any]:
    """The input of the scores' layer, how the network ended, and the layer of the scores.

    The layer is none where the scores come from something else than a dense layer, such as the
    averages of ten maps: they are then the input themselves.
    """
    layer, given = way.made_by[id(end)]
    if isinstance(layer, (keras.layers.Softmax, keras.layers.Activation)):
        ending = "softmax" if isinstance(layer, keras.layers.Softmax) else _bend(layer)
        if ending not in _ENDINGS:
            raise _unread(f"the activation {ending} of {_called(layer)}")
        before, read = way.made_by.get(id(given), (None, None))
        # Of a dense layer with an activation of its own the output is what is bent again.
        if isinstance(before, keras.layers.Dense) and _bend(before) == "linear":
            return read, ending, before
        return given, ending, None
    if not isinstance(layer, keras.layers.Dense):
        return end, "linear", None
    if _bend(layer) not in _ENDINGS:
        raise _unread(f"the activation {_bend(layer)} of {_called(layer)}")
    return given, _bend(layer), layer


def _answer(value: Any, dense: Any) -> Any:
    """The scores; in float32, as the lab computes them."""
    outputs = value.shape[-1] if dense is None else dense.units
    answer = keras.layers.Dense(outputs, name="answer", dtype="float32")
    scores = answer(value)
    kernel, bias = np.eye(outputs, dtype=np.float32), np.zeros(outputs, np.float32)
    if dense is not None:
        kernel, *given = dense.get_weights()
        bias = given[0] if given else bias
    answer.set_weights([kernel, bias])
    return scores


def _with_constants(layer: Any) -> Any:
    """A layer `Normalization` as one that only scales.

    Keras keeps a copy of what it has learned, which copies of the layer lack and a file for ONNX
    takes for an input.
    """
    mean, variance = (np.asarray(array, np.float64)[0] for array in (layer.mean, layer.variance))
    if mean.size > _MOST_CONSTANTS:
        raise ImportedFileError(
            f"A layer Normalization has at most {_MOST_CONSTANTS:,} means here.",
            received=f"{_called(layer)}: {mean.size:,}",
        )
    deviation = np.maximum(np.sqrt(variance), keras.config.epsilon())
    scale, offset = (deviation, mean) if layer.invert else (1 / deviation, -mean / deviation)
    plain = [array.item() if array.size == 1 else array.tolist() for array in (scale, offset)]
    return keras.layers.Rescaling(*plain, name=layer.name)


def _name_apart(layers: list[Any]) -> None:
    """Layers of different networks may have one name; in a flat one each needs its own."""
    taken = set(_OURS)
    for layer in layers:
        name, number = layer.name, 1
        while layer.name in taken:
            layer.name, number = f"{name}_{number}", number + 1
        taken.add(layer.name)


def _bend(layer: Any) -> str:
    return str(layer.activation.__name__)


def _called(layer: Any) -> str:
    return f"{type(layer).__name__} {layer.name[:60]!r}"


def _unread(ending: str) -> ImportedFileError:
    return ImportedFileError(
        "A network must end with ten scores, or with a softmax, log_softmax or sigmoid of them.",
        received=ending,
        advice="Leave that activation away, train the last layer again, and save the network.",
    )


def values(layer: Any) -> int:
    """Numbers in a layer's output for one image."""
    return math.prod(layer.output.shape[1:])


def weights(layer: Any) -> int:
    """Numbers that a layer has learned."""
    return sum(math.prod(weight.shape) for weight in layer.weights)

"""What becomes of one number of a convolution. Only worker processes import this."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fmnist_core.explain.activations import ACTIVATION_OF, bend_of
from fmnist_core.explain.followers import inputs_of
from fmnist_core.explain.layer_outputs import LayerOutputs
from fmnist_core.explain.step import Array, Change, Place, Pooling
from fmnist_core.lab_keras import keras


class Stages:
    """One number on its way through the layers that follow its convolution.

    Attributes:
        value: The number now.
        last: The layer it came out of.
        changes: What happened to it so far.
    """

    def __init__(
        self, layer: keras.Layer, place: Place, total: float, outputs: LayerOutputs
    ) -> None:
        self.value, self.last = total, layer
        self.changes: list[Change] = []
        self._place, self._outputs = place, outputs
        self._leave_convolution(layer)

    @property
    def map(self) -> Array:
        """What the network has for this filter after the last layer, float32 (h, w)."""
        return self._outputs.of(self.last.output)[..., self._place.channel]

    def follow(self, layer: keras.Layer) -> None:
        """Takes the number through batch normalisation, a shortcut or an activation."""
        if isinstance(layer, keras.layers.BatchNormalization):
            numbers, value = self._normalised(layer)
            self._note("batch_norm", layer.name, numbers, value, layer)
        elif isinstance(layer, keras.layers.Add):
            added = self._shortcut(layer)
            self._note("shortcut", layer.name, (("shortcut", added),), self.value + added, layer)
        else:
            self._bend(layer)
        self.last = layer

    def pool(self, layer: keras.Layer) -> Pooling | None:
        """What pooling makes of the number; None where it leaves it out."""
        corner, size = self._window(layer)
        top, left = corner
        window = self.map[top : top + size[0], left : left + size[1]].copy()
        if window.shape != size:
            return None
        own = self._place.row - top, self._place.column - left
        # The computed number takes the place of the network's.
        window[own] = self.value
        largest = "Max" in type(layer).__name__
        winner = np.unravel_index(int(window.argmax()), size) if largest else None
        return Pooling(
            "max" if largest else "average",
            layer.name,
            _is_whole(layer),
            window,
            own,
            None if winner is None else (int(winner[0]), int(winner[1])),
            float(window.max() if largest else window.mean(dtype=np.float64)),
            self._said(layer, corner, size),
        )

    def _leave_convolution(self, layer: keras.Layer) -> None:
        bent = layer.activation.__name__ != "linear"
        if layer.use_bias:
            bias = float(layer.bias.value[self._place.channel])
            value = self.value + bias
            self._note("bias", layer.name, (("bias", bias),), value, None if bent else layer)
        if bent:
            self._bend(layer)

    def _bend(self, layer: keras.Layer) -> None:
        name = bend_of(layer)
        self._note("activation", name, (), ACTIVATION_OF[name](self.value), layer)

    def _normalised(self, layer: keras.Layer) -> tuple[tuple[tuple[str, float], ...], float]:
        """Ioffe and Szegedy 2015, arXiv 1502.03167, algorithm 2: with the means of training."""
        channel = self._place.channel
        mean = float(layer.moving_mean.value[channel])
        variance = float(layer.moving_variance.value[channel])
        deviation = math.sqrt(variance + layer.epsilon)
        scale = float(layer.gamma.value[channel]) if layer.scale else 1.0
        offset = float(layer.beta.value[channel]) if layer.center else 0.0
        value = (self.value - mean) / deviation * scale + offset
        named = ("mean", mean), ("deviation", deviation), ("scale", scale), ("offset", offset)
        return named, value

    def _shortcut(self, layer: keras.Layer) -> float:
        others = [tensor for tensor in inputs_of(layer) if tensor is not self.last.output]
        return float(sum(self._here(tensor) for tensor in others))

    def _note(
        self,
        kind: str,
        name: str,
        numbers: tuple[tuple[str, float], ...],
        value: float,
        layer: keras.Layer | None,
    ) -> None:
        said = None if layer is None else self._here(layer.output)
        self.changes.append(Change(kind, name, numbers, value, said))
        self.value = value

    def _here(self, tensor: Any) -> float:
        place = self._place
        return float(self._outputs.of(tensor)[place.row, place.column, place.channel])

    def _window(self, layer: keras.Layer) -> tuple[tuple[int, int], tuple[int, int]]:
        """Corner and size of the square that the number is pooled in."""
        height, width = self.map.shape
        if _is_whole(layer):
            return (0, 0), (height, width)
        down, across = layer.pool_size
        place = self._place
        return (place.row // down * down, place.column // across * across), (down, across)

    def _said(self, layer: keras.Layer, corner: tuple[int, int], size: tuple[int, int]) -> float:
        said = self._outputs.of(layer.output)[..., self._place.channel].reshape(-1)
        across = 1 if _is_whole(layer) else layer.output.shape[2]
        return float(said[corner[0] // size[0] * across + corner[1] // size[1]])


def _is_whole(layer: keras.Layer) -> bool:
    return "Global" in type(layer).__name__

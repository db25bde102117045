"""A copy of a network with parts to ablate and restore. Only worker processes import this."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from fmnist_core.errors import ConfigError
from fmnist_core.explain.ablation import AblatableLayer, Ablation
from fmnist_core.explain.elementwise_layers import followers, is_activation
from fmnist_core.lab_keras import keras
from fmnist_core.models.build import copy_model

_WITH_WEIGHTS = (keras.layers.Conv2D, keras.layers.Dense)


def ablatable_layers(model: keras.Model) -> tuple[AblatableLayer, ...]:
    """The layers with weights, in order of computation."""
    return tuple(
        AblatableLayer(layer.name, _kind(model, layer), int(layer.output.shape[-1]))
        for layer in model.layers
        if isinstance(layer, _WITH_WEIGHTS)
    )


class AblatableModel:
    """A copy of a model with a gate behind each layer; the model itself never changes."""

    def __init__(self, model: keras.Model) -> None:
        self.ablatable_layers = ablatable_layers(model)
        self._model, self._gates = _with_gates(model, self.ablatable_layers)
        self._intact = {name: self._layer(name).get_weights() for name in self._weighted()}
        self._lock = threading.Lock()

    @contextmanager
    def intact(self) -> Iterator[keras.Model]:
        """The intact copy, locked meanwhile."""
        with self._lock:
            yield self._model

    @contextmanager
    def ablated(self, ablation: Ablation) -> Iterator[keras.Model]:
        """The ablated copy, locked meanwhile; restored afterwards.

        Raises:
            ConfigError: The network has no such layer or filter.
        """
        layer = self._target(ablation)
        with self._lock:
            try:
                self._apply(ablation, layer)
                yield self._model
            finally:
                self._restore()

    def _target(self, ablation: Ablation) -> AblatableLayer | None:
        """The layer to ablate; None for all layers, or for the images."""
        if ablation.of_images or not ablation.layer:
            return None
        found = next(
            (layer for layer in self.ablatable_layers if layer.name == ablation.layer), None
        )
        if found is None:
            raise ConfigError(
                "The network has no layer of this name with weights.",
                received=ablation.layer[:80],
            )
        if ablation.kind != "weights" and found.kind == "answer":
            raise ConfigError("Without its last layer a network gives no answer.")
        if max(ablation.channels, default=0) >= found.channels:
            raise ConfigError(
                f"{found.name} has the filters 0 to {found.channels - 1}.",
                received=max(ablation.channels),
            )
        return found

    def _apply(self, ablation: Ablation, layer: AblatableLayer | None) -> None:
        if ablation.kind == "weights":
            rng = np.random.default_rng(ablation.seed)
            for name in [layer.name] if layer else self._weighted():
                self._perturb(name, ablation.strength, rng)
        elif layer is not None:
            off = list(ablation.channels) if ablation.kind == "filters" else slice(None)
            is_open = np.ones(layer.channels, np.float32)
            is_open[off] = 0
            self._gates[layer.name].set_weights([is_open])

    def _perturb(self, name: str, strength: float, rng: np.random.Generator) -> None:
        kernel, *others = self._intact[name]
        moves = rng.normal(0, strength * float(kernel.std()), kernel.shape)
        self._layer(name).set_weights([kernel + moves.astype(kernel.dtype), *others])

    def _restore(self) -> None:
        for name, weights in self._intact.items():
            self._layer(name).set_weights(weights)
        for gate in self._gates.values():
            gate.set_weights([np.ones(gate.open.shape, np.float32)])

    def _weighted(self) -> list[str]:
        return [layer.name for layer in self.ablatable_layers]

    def _layer(self, name: str) -> keras.Layer:
        return self._model.get_layer(name)


class _Gate(keras.layers.Layer):
    """Passes each channel through, or 0 in its place."""

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.open = self.add_weight(shape=(shape[-1],), initializer="ones", trainable=False)

    def call(self, numbers: Any) -> Any:
        return numbers * self.open


def _with_gates(
    model: keras.Model, ablatable: tuple[AblatableLayer, ...]
) -> tuple[keras.Model, dict[str, _Gate]]:
    """The copy, and the gates by the names of the layers that they belong to."""
    gates = {layer.name: _Gate() for layer in ablatable if layer.kind != "answer"}
    behind = {_end(model, name): gate for name, gate in gates.items()}

    def called(layer: keras.Layer, *given: Any, **named: Any) -> Any:
        result = layer(*given, **named)
        return behind[layer.name](result) if layer.name in behind else result

    # A `Sequential` has no graph of its own to go through.
    graph = keras.Model(model.inputs, model.outputs)
    copy = copy_model(graph, called)
    for layer in model.layers:
        copy.get_layer(layer.name).set_weights(layer.get_weights())
    return copy, gates


def _end(model: keras.Model, name: str) -> str:
    """The layer with which a filter's own work ends: before shortcuts, pooling and other layers."""
    end = model.get_layer(name)
    for layer in followers(model, end):
        if not isinstance(layer, keras.layers.BatchNormalization) and not is_activation(layer):
            break
        end = layer
    return str(end.name)


def _kind(model: keras.Model, layer: keras.Layer) -> str:
    if layer is model.layers[-1]:
        return "answer"
    return "convolution" if isinstance(layer, keras.layers.Conv2D) else "dense"

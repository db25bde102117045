"""The largest activation of each map and unit for images. Only worker processes import this."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import takewhile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.explain.layer_taps import LayerTap, layer_tap, layer_taps, pre_activation
from fmnist_core.explain.top_activations import Ranking
from fmnist_core.lab_keras import keras
from fmnist_core.models.features import outputs
from fmnist_core.models.model_cache import cached_per_model

# Small, with rests between, so that predictions stay fast meanwhile.
_BATCH = 64
Report = Callable[[float], None]


def max_activations(model: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The maximum of each map and the activation of each unit, float32 (n, k).

    In the order of `layer_taps`; logits for the output layer. Images are uint8 (n, s, s).
    """
    return outputs(_max_pooled(model), images, batch=_BATCH)


def rank(
    model: keras.Model,
    images: NDArray[np.uint8],
    *,
    rest: float = 0.0,
    report: Report | None = None,
) -> Ranking:
    """The nine of images uint8 (n, s, s) with the largest activation of each map and unit.

    Args:
        rest: Seconds to pause per second of work, for other work.
        report: Called with the completed share, 0 to 1.
    """
    best = Ranking.of(np.zeros((0, _max_pooled(model).output_shape[-1]), np.float32))
    for start in range(0, len(images), _BATCH):
        began = time.monotonic()
        values = max_activations(model, np.asarray(images[start : start + _BATCH]))
        best = best.merged(Ranking.of(values, start))
        if report is not None:
            report(min(1.0, (start + _BATCH) / len(images)))
        time.sleep(rest * (time.monotonic() - began))
    return best


def column(model: keras.Model, layer: str, channel: int) -> int:
    """The column of a map or unit in `max_activations`.

    Raises:
        ConfigError: The network has no such layer, or the layer no such map or unit.
    """
    chosen = layer_tap(model, layer)
    before = takewhile(lambda one: one is not chosen, layer_taps(model))
    return sum(one.tapped.channels for one in before) + chosen.tapped.checked(channel)


def channel_maps(
    model: keras.Model, images: NDArray[np.uint8], layer: str, channel: int
) -> NDArray[np.float32] | None:
    """The activations float32 (n, h, w) of one map for images; None for a unit."""
    chosen = layer_tap(model, layer)
    if chosen.kind != "convolution":
        return None
    return outputs(_maps(model, layer), images)[..., chosen.tapped.checked(channel)]


@cached_per_model
def _max_pooled(model: keras.Model) -> keras.Model:
    parts = [_values(one) for one in layer_taps(model)]
    together = parts[0] if len(parts) == 1 else keras.layers.Concatenate(dtype="float32")(parts)
    return keras.Model(model.input, together)


@cached_per_model
def _maps(model: keras.Model, layer: str) -> keras.Model:
    return keras.Model(model.input, layer_tap(model, layer).output)


def _values(one: LayerTap) -> Any:
    if one.kind == "convolution":
        return keras.layers.GlobalMaxPooling2D(dtype="float32")(one.output)
    return pre_activation(one.layer) if one.kind == "answer" else one.output

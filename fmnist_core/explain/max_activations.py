"""How much images excite the maps and units of a network. Only worker processes import this."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import takewhile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.explain.layer_taps import Viewpoint, straight, viewpoint, viewpoints
from fmnist_core.explain.top_activations import Ranking
from fmnist_core.lab_keras import keras
from fmnist_core.models.features import outputs
from fmnist_core.models.model_cache import kept_with_network

# Small, and with rests between, so that questions to the network are answered meanwhile.
_BATCH = 64
Told = Callable[[float], None]


def excitement(model: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """For images uint8 (n, 28, 28) the largest number of each map and each unit's, float32 (n, k).

    In the order of `viewpoints`; of the answer, what is before a softmax.
    """
    return outputs(_loudest(model), images, batch=_BATCH)


def rank(
    model: keras.Model, images: NDArray[np.uint8], *, rest: float = 0.0, told: Told | None = None
) -> Ranking:
    """Goes through images uint8 (n, 28, 28) and keeps the nine most exciting for each map or unit.

    Args:
        rest: Seconds to pause for each second of work, which others then have to themselves.
        told: Hears how much is done, 0 to 1.
    """
    best = Ranking.of(np.zeros((0, _loudest(model).output_shape[-1]), np.float32))
    for start in range(0, len(images), _BATCH):
        began = time.monotonic()
        values = excitement(model, np.asarray(images[start : start + _BATCH]))
        best = best.merged(Ranking.of(values, start))
        if told is not None:
            told(min(1.0, (start + _BATCH) / len(images)))
        time.sleep(rest * (time.monotonic() - began))
    return best


def column(model: keras.Model, layer: str, channel: int) -> int:
    """Where a map or unit stands in `excitement`.

    Raises:
        ConfigError: The network has no such layer, or the layer no such map or unit.
    """
    chosen = viewpoint(model, layer)
    before = takewhile(lambda one: one is not chosen, viewpoints(model))
    return sum(one.seen.channels for one in before) + chosen.seen.checked(channel)


def where(
    model: keras.Model, images: NDArray[np.uint8], layer: str, channel: int
) -> NDArray[np.float32] | None:
    """Where a map fires in images uint8 (n, 28, 28): float32 (n, h, w); None for a unit."""
    chosen = viewpoint(model, layer)
    if chosen.kind != "convolution":
        return None
    return outputs(_maps(model, layer), images)[..., chosen.seen.checked(channel)]


@kept_with_network
def _loudest(model: keras.Model) -> keras.Model:
    parts = [_values(one) for one in viewpoints(model)]
    together = parts[0] if len(parts) == 1 else keras.layers.Concatenate(dtype="float32")(parts)
    return keras.Model(model.input, together)


@kept_with_network
def _maps(model: keras.Model, layer: str) -> keras.Model:
    return keras.Model(model.input, viewpoint(model, layer).output)


def _values(one: Viewpoint) -> Any:
    if one.kind == "convolution":
        return keras.layers.GlobalMaxPooling2D(dtype="float32")(one.output)
    return straight(one.layer) if one.kind == "answer" else one.output

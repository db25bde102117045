"""Looks inside a network, in the worker that keeps networks warm.

Every function gives None where the network was not sent yet, and says so of no network that it was
told of.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fmnist_core.engine import interactive
from fmnist_core.explain.views import (
    Attribution,
    FirstFilters,
    Floats,
    LayerMaps,
    Occlusion,
    SeenLayer,
)

T = TypeVar("T")
Image = NDArray[np.uint8]


async def layers(digest: str) -> tuple[SeenLayer, ...] | None:
    """The layers with weights, in the order of computation."""

    def find(network: Any) -> tuple[SeenLayer, ...]:
        from fmnist_core.explain.viewpoints import viewpoints

        return tuple(one.seen for one in viewpoints(network))

    return await _of_network(digest, find)


async def filters(digest: str) -> tuple[FirstFilters | None] | None:
    """The first layer's kernels, in a tuple: they may be None themselves."""

    def find(network: Any) -> tuple[FirstFilters | None]:
        from fmnist_core.explain.filters import first_filters

        return (first_filters(network),)

    return await _of_network(digest, find)


async def maps(
    digest: str, image: Image, layer: str, count: int, strongest: bool
) -> tuple[LayerMaps, ...] | None:
    """See `explain.maps.feature_maps`."""

    def find(network: Any) -> tuple[LayerMaps, ...]:
        from fmnist_core.explain.maps import feature_maps

        return feature_maps(network, image, layer=layer, count=count, strongest=strongest)

    return await _of_network(digest, find)


async def heat(digest: str, image: Image, label: int, layer: str) -> tuple[Floats | None] | None:
    """Grad-CAM, in a tuple: a network without convolutions has none."""

    def find(network: Any) -> tuple[Floats | None]:
        from fmnist_core.explain.gradcam import class_heat

        return (class_heat(network, image, label, layer),)

    return await _of_network(digest, find)


async def occlusion(
    digest: str, image: Image, label: int, patch: int, temperature: float
) -> Occlusion | None:
    """See `explain.occlusion.occlude`."""

    def find(network: Any) -> Occlusion:
        from fmnist_core.explain.occlusion import occlude

        return occlude(network, image, label, patch=patch, temperature=temperature)

    return await _of_network(digest, find)


async def attribution(digest: str, image: Image, label: int) -> Attribution | None:
    """See `explain.integrated.attribute`."""

    def find(network: Any) -> Attribution:
        from fmnist_core.explain.integrated import attribute

        return attribute(network, image, label)

    return await _of_network(digest, find)


async def _of_network(digest: str, find: Callable[[Any], T]) -> T | None:
    """In a thread, so that the worker stays within call."""

    def work() -> T | None:
        interactive.warm()
        network = interactive.network(digest)
        return None if network is None else find(network)

    return await asyncio.to_thread(work)

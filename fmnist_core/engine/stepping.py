"""Steps through convolutions, in the worker that keeps networks warm."""

from __future__ import annotations

import asyncio

import numpy as np
from numpy.typing import NDArray

from fmnist_core.engine import interactive
from fmnist_core.explain.step import ConvolutionLayer, ConvolutionStep, Place


async def convolutions(digest: str) -> tuple[ConvolutionLayer, ...] | None:
    """The network's convolutions; None where it was not sent yet."""
    return await asyncio.to_thread(_convolutions, digest)


async def step(digest: str, image: NDArray[np.uint8], place: Place) -> ConvolutionStep | None:
    """One number of a convolution taken apart; None where the network was not sent yet.

    Raises:
        ConfigError: There is no such number.
    """
    return await asyncio.to_thread(_step, digest, image, place)


def _convolutions(digest: str) -> tuple[ConvolutionLayer, ...] | None:
    interactive.warm()
    from fmnist_core.explain import stepping

    network = interactive.network(digest)
    return None if network is None else stepping.convolutions(network)


def _step(digest: str, image: NDArray[np.uint8], place: Place) -> ConvolutionStep | None:
    interactive.warm()
    from fmnist_core.explain.stepping import take_step

    network = interactive.network(digest)
    return None if network is None else take_step(network, image, place)

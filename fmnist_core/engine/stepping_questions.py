"""Questions about single numbers of a network's convolutions.

A network is named by the identifier of its run, or `"shipped-everyday"` or `"shipped-catalogue"`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.engine.asked import asked_network
from fmnist_core.engine.asking import WarmWorker, with_worker
from fmnist_core.engine.questions import WAIT_SECONDS
from fmnist_core.engine.sent_images import one_image
from fmnist_core.explain.step import ConvolutionLayer, ConvolutionStep, Place
from fmnist_core.settings import Settings


def convolutions(
    network: str, settings: Settings, *, wait: float = WAIT_SECONDS
) -> tuple[ConvolutionLayer, ...]:
    """The convolutions that can be stepped through, in their order; none of a network without.

    Raises:
        RunError: There is no such run, it saved no network, or the shipped one is missing.
        TrainingError: The network's file is damaged.
        EngineError: The engine does not answer within `wait` seconds.
    """
    from fmnist_core.engine import stepping

    found: tuple[ConvolutionLayer, ...] = _asked(network, settings, wait, stepping.convolutions)
    return found


def step_through(
    network: str,
    image: NDArray[np.uint8],
    place: Place,
    settings: Settings,
    *,
    wait: float = WAIT_SECONDS,
) -> ConvolutionStep:
    """One number of a convolution taken apart, for an image uint8 (28, 28).

    Raises:
        ConfigError: The network has no such convolution, or the convolution no such number.
        InputError: An image of another size or kind.
        RunError, TrainingError, EngineError: As `convolutions`.
    """
    from fmnist_core.engine import stepping

    question = (stepping.step, one_image(image), place)
    found: ConvolutionStep = _asked(network, settings, wait, *question)
    return found


def _asked(
    network: str, settings: Settings, wait: float, function: Callable[..., Any], *arguments: Any
) -> Any:
    asked = asked_network(network, settings)

    def ask(worker: WarmWorker) -> Any:
        return worker.ask_network(asked, wait, function, *arguments)

    return with_worker(settings, ask)

"""Questions about what is inside a network.

A network is named by the identifier of its run, or `"shipped-everyday"` or `"shipped-catalogue"`.
Every question may raise:
    InputError: An image of another size or kind.
    ConfigError: There is no such class.
    RunError: There is no such run, it saved no network, or the shipped one is missing.
    TrainingError: The network's file is damaged, or Keras computes with neither TensorFlow nor JAX.
    EngineError: The engine does not answer within `wait` seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.engine.asked import asked_network
from fmnist_core.engine.asking import WarmWorker, with_worker
from fmnist_core.engine.questions import WAIT_SECONDS
from fmnist_core.engine.sent_images import class_number, one_image
from fmnist_core.explain.views import (
    Attribution,
    Exciting,
    Floats,
    Imagined,
    LayerMaps,
    Occlusion,
    SeenLayer,
    Sought,
)
from fmnist_core.settings import Settings

Image = NDArray[np.uint8]


def seen_layers(
    network: str, settings: Settings, *, wait: float = WAIT_SECONDS
) -> tuple[SeenLayer, ...]:
    """The layers with weights, in the order of computation; the last one is the answer."""
    from fmnist_core.engine import inside

    found: tuple[SeenLayer, ...] = _asked(network, settings, wait, inside.layers)
    return found


def maps_of(
    network: str,
    image: Image,
    settings: Settings,
    *,
    layer: str = "",
    count: int = 8,
    strongest: bool = True,
    wait: float = WAIT_SECONDS,
) -> tuple[LayerMaps, ...]:
    """What the layers make of an image uint8 (28, 28); 5 ms of work, once the network is warm.

    Args:
        layer: Only this one; by default all.
        count: At most so many maps of each, 1 to 1024.
        strongest: Those with the largest numbers, largest first; else the first ones.

    Raises:
        ConfigError: The network has no such layer, or `count` is out of its range.
    """
    from fmnist_core.engine import inside

    question = (inside.maps, one_image(image), layer, count, strongest)
    found: tuple[LayerMaps, ...] = _asked(network, settings, wait, *question)
    return found


def heat_of(
    network: str,
    image: Image,
    label: int,
    settings: Settings,
    *,
    layer: str = "",
    wait: float = WAIT_SECONDS,
) -> Floats | None:
    """Grad-CAM float32 (28, 28), 0 to 1, of a class at a convolution, by default the last one.

    Returns:
        None for a network without a convolution.

    Raises:
        ConfigError: The network has no such convolution.
    """
    from fmnist_core.engine import inside

    question = (inside.heat, one_image(image), class_number(label), layer)
    found: Floats | None = _asked(network, settings, wait, *question)[0]
    return found


def occlusion_of(
    network: str,
    image: Image,
    label: int,
    settings: Settings,
    *,
    patch: int = 6,
    wait: float = WAIT_SECONDS,
) -> Occlusion:
    """What hiding a square of `patch` pixels does to a class's score, place by place.

    Probabilities are calibrated, as those of `recognise` are.

    Raises:
        ConfigError: The square is too small or too large.
    """
    from fmnist_core.engine import inside

    temperature = asked_network(network, settings).calibration.temperature
    question = (inside.occlusion, one_image(image), class_number(label), patch, temperature)
    found: Occlusion = _asked(network, settings, wait, *question)
    return found


def attribution_of(
    network: str, image: Image, label: int, settings: Settings, *, wait: float = WAIT_SECONDS
) -> Attribution:
    """How much each pixel adds to a class's score (integrated gradients)."""
    from fmnist_core.engine import inside

    question = (inside.attribution, one_image(image), class_number(label))
    found: Attribution = _asked(network, settings, wait, *question)
    return found


def exciting_images(
    network: str, layer: str, channel: int, settings: Settings, *, wait: float = WAIT_SECONDS
) -> Sought[Exciting]:
    """The test images that excite a map or unit of a layer most.

    They are not there at once: the first question about a network lets the worker go through up to
    10 000 test images, for all its maps and units, once for all. Ask again while it goes on.

    Raises:
        ConfigError: The network has no such map or unit.
    """
    asked = asked_network(network, settings)

    def ask(worker: WarmWorker) -> Sought[Exciting]:
        from fmnist_core.engine import exciting
        from fmnist_core.engine.datasets import provide_dataset

        place = (worker.client, settings, asked.dataset, worker.address)
        worker.client.sync(provide_dataset, *place)
        question = (exciting.exciting, asked.dataset, layer, channel)
        found: Sought[Exciting] = worker.ask_network(asked, wait, *question)
        return found

    found: Sought[Exciting] = with_worker(settings, ask)
    return found


def imagined_image(
    network: str,
    layer: str,
    channel: int,
    settings: Settings,
    *,
    seed: int = 0,
    wait: float = WAIT_SECONDS,
) -> Sought[Imagined]:
    """An image made to excite a map or unit; takes some seconds. Ask again while it goes on.

    Raises:
        ConfigError: The network has no such map or unit.
    """
    from fmnist_core.engine import exciting

    found: Sought[Imagined] = _asked(
        network, settings, wait, exciting.imagined, layer, channel, seed
    )
    return found


def _asked(
    network: str, settings: Settings, wait: float, function: Callable[..., Any], *arguments: Any
) -> Any:
    asked = asked_network(network, settings)
    return with_worker(
        settings, lambda worker: worker.ask_network(asked, wait, function, *arguments)
    )

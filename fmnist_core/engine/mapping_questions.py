"""Questions about the map of the data: what a network makes of the test images.

A network is named by the identifier of its run, or `"shipped-everyday"` or `"shipped-catalogue"`.
The images are the test images of the data set that it learned from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.engine.asked import AskedNetwork, asked_network
from fmnist_core.engine.asking import WarmWorker, with_worker
from fmnist_core.engine.questions import WAIT_SECONDS
from fmnist_core.engine.sent_images import one_image
from fmnist_core.explain.data_map import DataMap, Spot, Unfolding
from fmnist_core.recognition.verdict import answers_from
from fmnist_core.settings import Settings

# Large networks on a busy machine go through 10 000 images in a minute, once for all.
MAP_SECONDS = 180.0


def data_map(network: str, settings: Settings, *, wait: float = MAP_SECONDS) -> DataMap:
    """The principal plane of what a network makes of up to 10 000 test images.

    Made at the first question (a second for a small network, six for the shipped ones), then kept
    on the worker's disk.

    Raises:
        RunError: There is no such run, it saved no network, or the shipped one is missing.
        TrainingError: The network's file is damaged, or its numbers are not finite.
        NoDataError: The test images are not at hand.
        EngineError: The engine does not answer within `wait` seconds.
    """
    from fmnist_core.engine import mapping

    asked = asked_network(network, settings)
    found = _ask(asked, settings, wait, mapping.chart)
    answers = answers_from(found.scores, asked.calibration, network)
    return DataMap(
        asked.dataset, found.fingerprint, found.indices, found.plane, found.shares, answers
    )


def unfolding(
    network: str, settings: Settings, *, begin: bool = False, wait: float = MAP_SECONDS
) -> Unfolding:
    """How far the t-SNE map of the same images is; kept on the worker's disk when it is done.

    Args:
        begin: Whether it is begun where it is not there: some 15 s of one core, at low priority.

    Raises:
        As `data_map`.
    """
    from fmnist_core.engine import mapping

    found: Unfolding = _ask(
        asked_network(network, settings), settings, wait, mapping.unfolding, begin
    )
    return found


def stop_unfolding(network: str, settings: Settings, *, wait: float = WAIT_SECONDS) -> bool:
    """Ends the making of the t-SNE map, for all who wait for it; whether it was being made.

    Raises:
        RunError: There is no such run, or it saved no network.
        EngineError: The engine does not answer within `wait` seconds.
    """
    from fmnist_core.engine import mapping

    stopped: bool = _ask(asked_network(network, settings), settings, wait, mapping.stop_unfolding)
    return stopped


def place_on_map(
    network: str, image: NDArray[np.uint8], settings: Settings, *, wait: float = MAP_SECONDS
) -> Spot:
    """Where an image uint8 (28, 28) of one's own lies on both maps, and its nearest test images.

    Raises:
        InputError: An image of another size or kind.
        Else as `data_map`.
    """
    from fmnist_core.engine import mapping

    question = (mapping.place, one_image(image))
    found: Spot = _ask(asked_network(network, settings), settings, wait, *question)
    return found


def _ask(
    asked: AskedNetwork,
    settings: Settings,
    wait: float,
    function: Callable[..., Any],
    *arguments: Any,
) -> Any:
    def ask(worker: WarmWorker) -> Any:
        from fmnist_core.engine.datasets import provide_dataset

        place = (worker.client, settings, asked.dataset, worker.address)
        worker.client.sync(provide_dataset, *place)
        return worker.ask_network(asked, wait, function, asked.dataset, *arguments)

    return with_worker(settings, ask)

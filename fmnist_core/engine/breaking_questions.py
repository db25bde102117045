"""Questions to broken copies of networks; the networks themselves are never changed.

A network is named by the identifier of its run, or `"shipped-everyday"` or `"shipped-catalogue"`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.engine.asked import asked_network
from fmnist_core.engine.asking import WarmWorker, with_worker
from fmnist_core.engine.questions import WAIT_SECONDS
from fmnist_core.engine.sent_images import one_image
from fmnist_core.explain.breakage import Breakage, Broken, Part
from fmnist_core.recognition.verdict import answers_from
from fmnist_core.settings import Settings


def breakable_parts(
    network: str, settings: Settings, *, wait: float = WAIT_SECONDS
) -> tuple[Part, ...]:
    """The layers that can be broken, in their order.

    Raises:
        RunError: There is no such run, it saved no network, or the shipped one is missing.
        TrainingError: The network's file is damaged.
        EngineError: The engine does not answer within `wait` seconds.
    """
    asked = asked_network(network, settings)

    def ask(worker: WarmWorker) -> tuple[Part, ...]:
        from fmnist_core.engine import breaking

        found: tuple[Part, ...] = worker.ask_network(asked, wait, breaking.parts)
        return found

    found: tuple[Part, ...] = with_worker(settings, ask)
    return found


def break_it(
    network: str,
    image: NDArray[np.uint8],
    breakage: Breakage,
    settings: Settings,
    *,
    wait: float = WAIT_SECONDS,
) -> Broken:
    """What a broken copy of the network says about an image uint8 (28, 28), and how good it is.

    It is judged by up to 1000 test images of the data set that the network learned from, the same
    each time and evenly of all classes, if these images are at hand.

    Raises:
        ConfigError: The network has no such layer or filter.
        InputError: An image of another size or kind.
        RunError, TrainingError, EngineError: As `breakable_parts`.
    """
    asked, shown = asked_network(network, settings), one_image(image)

    def ask(worker: WarmWorker) -> Broken:
        from fmnist_core.engine import breaking
        from fmnist_core.engine.datasets import provide_dataset

        place = (worker.client, settings, asked.dataset, worker.address)
        worker.client.sync(provide_dataset, *place)
        question = (breaking.break_it, asked.dataset, shown, breakage)
        wreck = worker.ask_network(asked, wait, *question)
        before, after = (
            answers_from(scores, asked.calibration, network)
            for scores in (wreck.before, wreck.after)
        )
        return Broken(breakage, wreck.image, before, after, wreck.judged)

    return with_worker(settings, ask)

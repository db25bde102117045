"""Questions to trained networks, answered by the warm worker that no training uses.

A model is named by the identifier of its run, or `"shipped"`; then each image decides which of the
two shipped networks answers, unless one of them is named.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.engine.asked import AskedNetwork, asked_network
from fmnist_core.engine.asking import WarmWorker, with_worker
from fmnist_core.engine.sent_images import many_images, one_image
from fmnist_core.engine.settling import wait_until_settled
from fmnist_core.recognition.look import Look
from fmnist_core.recognition.mirrored import scores_both_ways
from fmnist_core.recognition.verdict import Answers, Calibration, answers_from
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings
from fmnist_core.shipped import answers_of, split

# The first question may find a worker that has yet to load Keras.
WAIT_SECONDS = 30.0
_EVALUATE_SECONDS = 300.0


def recognise(
    model: str, images: NDArray[np.uint8], settings: Settings, *, wait: float = WAIT_SECONDS
) -> Answers:
    """What a model says about images uint8 (n, 28, 28), calibrated.

    Raises:
        InputError: Images of another size or kind.
        RunError: There is no such run, it saved no network, or the shipped one is missing.
        TrainingError: The network's file is damaged.
        EngineError: The engine does not answer within `wait` seconds.
    """

    def ask(name: str, own: NDArray[np.uint8]) -> Answers:
        asked = asked_network(name, settings)
        return answers_from(_scores(asked, own, settings, wait), asked.calibration, name)

    return answers_of(model, many_images(images), ask)


def classify(
    run_id: str, images: NDArray[np.uint8], settings: Settings, *, wait: float = WAIT_SECONDS
) -> NDArray[np.float32]:
    """Probabilities float32 (n, 10) for images uint8 (n, 28, 28), as the network says them.

    Not calibrated: these are what a run's stored predictions are.

    Raises:
        As `recognise`.
    """
    asked, shown = asked_network(run_id, settings), many_images(images)
    return answers_from(_scores(asked, shown, settings, wait), Calibration()).probabilities


def look(
    model: str,
    image: NDArray[np.uint8],
    settings: Settings,
    *,
    label: int | None = None,
    wait: float = WAIT_SECONDS,
) -> Look:
    """What a model says about one image uint8 (28, 28), where it looked, and what is like it.

    The nearest of the images it learned from are not there at once: the first look through a
    network lets the worker go through 20 000 of them, which takes up to a minute, once for all
    (they are kept on its disk). Meanwhile `near` is None and `gathering` true: ask again then.

    Args:
        label: The class whose heat is wanted; by default the most probable one.

    Raises:
        As `recognise`.
    """
    shown = one_image(image)
    ((name, _),) = split(model, shown[None])
    asked = asked_network(name, settings)

    def ask(worker: WarmWorker) -> Look:
        from fmnist_core.engine import looking
        from fmnist_core.engine.datasets import provide_dataset

        place = (worker.client, settings, asked.dataset, worker.address)
        worker.client.sync(provide_dataset, *place)
        question = (looking.look, asked.dataset, shown, label)
        seen = worker.ask_network(asked, wait, *question)
        answers = answers_from(seen.scores, asked.calibration, name)
        return Look(answers, seen.label, seen.heat, seen.near, seen.gathering)

    return with_worker(settings, ask)


def evaluate_run(run_id: str, settings: Settings) -> None:
    """Judges a run anew from its saved weights; the figures are in its folder afterwards.

    Raises:
        RunError: There is no such run, it saved no weights, or it is being trained.
        NoDataError: The data it learned from is not here.
        EngineError: The engine does not answer.
    """
    folder = RunFolder.open(settings.runs_dir, run_id)

    def ask(worker: WarmWorker) -> None:
        worker.client.sync(_evaluate, worker, folder, settings)

    wait_until_settled(folder, settings)
    with folder.hold():
        with_worker(settings, ask)


def _scores(
    asked: AskedNetwork, images: NDArray[np.uint8], settings: Settings, wait: float
) -> NDArray[np.float32]:
    def ask(worker: WarmWorker) -> NDArray[np.float32]:
        from fmnist_core.engine import interactive

        def score(some: NDArray[np.uint8]) -> NDArray[np.float32]:
            return worker.ask_network(asked, wait, interactive.score, some)

        return scores_both_ways(score, images) if asked.mirrored else score(images)

    return with_worker(settings, ask)


async def _evaluate(worker: WarmWorker, folder: RunFolder, settings: Settings) -> None:
    import asyncio
    import json
    import secrets

    from fmnist_core.engine import interactive, scratch
    from fmnist_core.engine.datasets import provide_dataset
    from fmnist_core.engine.link import WorkerLink
    from fmnist_core.engine.transfer import RunTransfer

    link = WorkerLink(worker.client, worker.address)
    # Any number that no attempt at training has: the folder must not be shared with one.
    attempt = 1_000_000 + secrets.randbelow(1_000_000)
    transfer = RunTransfer(link, folder, attempt)
    try:
        dataset = folder.config.training.dataset
        await provide_dataset(worker.client, settings, dataset, worker.address)
        await transfer.send_all(json.dumps(folder.status.to_json()).encode())
        task = worker.submit(interactive.evaluate, folder.id, attempt)
        await asyncio.wait_for(task, _EVALUATE_SECONDS)
        while await transfer.bring():
            pass
    finally:
        await link.call(scratch.release, folder.id, attempt)

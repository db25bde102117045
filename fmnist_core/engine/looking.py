"""A closer look at one image, in the worker that keeps networks warm."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data import load_dataset
from fmnist_core.data.dataset import ImageSet
from fmnist_core.engine import interactive
from fmnist_core.engine.datasets import has_dataset
from fmnist_core.engine.gathering import Gathering, Gatherings
from fmnist_core.explain.kept_banks import bank_path, load_bank, save_bank
from fmnist_core.explain.neighbours import FeatureBank, build_bank
from fmnist_core.recognition.look import Neighbours
from fmnist_core.settings import load_settings

# Seconds of rest for a second of work: whoever draws meanwhile should not notice.
_REST = 1.0


@dataclass(frozen=True, eq=False)
class Glance:
    """What the worker finds out for a `Look`; scores float32 (1, classes)."""

    scores: NDArray[np.float32]
    label: int
    heat: NDArray[np.float32] | None
    near: Neighbours | None
    gathering: bool


async def look(
    digest: str, dataset: str, image: NDArray[np.uint8], label: int | None
) -> Glance | None:
    """Scores, heat and neighbours of one image uint8 (28, 28).

    The first look through a network starts gathering what it makes of the training images, in a
    thread; until that is done, there are no neighbours.

    Returns:
        None where the network was not sent yet.

    Raises:
        TrainingError: Keras computes with neither TensorFlow nor JAX.
    """
    return await asyncio.to_thread(_look, digest, dataset, image, label)


def _look(digest: str, dataset: str, image: NDArray[np.uint8], label: int | None) -> Glance | None:
    scores = interactive.score_now(digest, image[None])
    network = interactive.network(digest)
    if scores is None or network is None:
        return None
    from fmnist_core.explain.features import features
    from fmnist_core.explain.gradcam import class_heat

    chosen = int(scores[0].argmax()) if label is None else label
    heat = class_heat(network, image, chosen)
    gathering = _gathering(network, digest, dataset)
    near = _near(gathering, features(network, image[None])[0], dataset) if gathering else None
    return Glance(scores, chosen, heat, near, bool(gathering and gathering.going_on))


# What a network makes of training images, and these images.
_Bank = tuple[FeatureBank, ImageSet]
_banks: Gatherings[_Bank] = Gatherings(interactive.KEPT)


def _gathering(network: Any, digest: str, dataset: str) -> Gathering[_Bank] | None:
    """The gathering for this network, begun now at the latest; None without the images."""
    key = (digest, dataset)
    if _banks.known(key) is None and not has_dataset(dataset):
        return None
    return _banks.at(key, lambda told: _bank(network, digest, dataset))


def _bank(network: Any, digest: str, dataset: str) -> _Bank:
    """From disk, or made by looking at them all."""
    settings = load_settings()
    data = load_dataset(dataset, settings)
    folder = settings.cache_dir / "features"
    path = bank_path(folder, digest, data.identity.fingerprint)
    bank = load_bank(path, data.train)
    if bank is None:
        bank = build_bank(network, data.train, rest=_REST)
        save_bank(path, bank)
    return bank, data.train


def _near(
    gathering: Gathering[_Bank], features: NDArray[np.float32], dataset: str
) -> Neighbours | None:
    if gathering.found is None:
        return None
    bank, examples = gathering.found
    indices, distances = bank.nearest(features)
    return Neighbours(
        dataset, indices, distances, examples.labels[indices], examples.images[indices]
    )

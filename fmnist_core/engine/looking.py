"""A closer look at one image, in the worker that keeps networks warm."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data import load_dataset
from fmnist_core.data.dataset import ImageSet
from fmnist_core.engine import interactive
from fmnist_core.engine.datasets import has_dataset
from fmnist_core.explain.kept_banks import bank_path, load_bank, save_bank
from fmnist_core.explain.neighbours import FeatureBank, build_bank
from fmnist_core.recognition.look import Neighbours
from fmnist_core.settings import load_settings

# Seconds of rest for a second of work: whoever draws meanwhile should not notice.
_REST = 1.0
# Seconds until a gathering that failed is tried again: the disk may be back, the images mended.
_TRIED_AGAIN = 60.0

log = logging.getLogger(__name__)


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
    near = gathering.near(features(network, image[None])[0]) if gathering else None
    return Glance(scores, chosen, heat, near, bool(gathering and gathering.going_on))


class _Gathering:
    """A network's features of training images: from disk, or made by looking at them all."""

    _one_at_a_time = threading.Lock()

    def __init__(self, network: Any, digest: str, dataset: str) -> None:
        self._network, self._digest, self._dataset = network, digest, dataset
        self._found: tuple[FeatureBank, ImageSet] | None = None
        self.going_on = True
        self._failed_at: float | None = None
        threading.Thread(target=self._gather, name="gathering", daemon=True).start()

    @property
    def to_be_tried_again(self) -> bool:
        """Whether it failed, and some time ago: whoever asks often must not cost much."""
        return self._failed_at is not None and time.monotonic() > self._failed_at + _TRIED_AGAIN

    def near(self, features: NDArray[np.float32]) -> Neighbours | None:
        if self._found is None:
            return None
        bank, examples = self._found
        indices, distances = bank.nearest(features)
        return Neighbours(
            self._dataset, indices, distances, examples.labels[indices], examples.images[indices]
        )

    def _gather(self) -> None:
        try:
            with self._one_at_a_time:
                self._found = self._bank()
        except Exception:
            # The answer and the heat are there without it.
            log.exception("What the network makes of the training images cannot be gathered.")
            self._failed_at = time.monotonic()
        finally:
            self.going_on = False

    def _bank(self) -> tuple[FeatureBank, ImageSet]:
        settings = load_settings()
        data = load_dataset(self._dataset, settings)
        folder = settings.cache_dir / "features"
        path = bank_path(folder, self._digest, data.identity.fingerprint)
        bank = load_bank(path, data.train)
        if bank is None:
            bank = build_bank(self._network, data.train, rest=_REST)
            save_bank(path, bank)
        return bank, data.train


_gatherings: OrderedDict[tuple[str, str], _Gathering] = OrderedDict()
_lock = threading.Lock()


def _gathering(network: Any, digest: str, dataset: str) -> _Gathering | None:
    """The gathering for this network, begun now at the latest; None without the images."""
    key = (digest, dataset)
    with _lock:
        if key not in _gatherings or _gatherings[key].to_be_tried_again:
            if not has_dataset(dataset):
                return None
            _gatherings[key] = _Gathering(network, digest, dataset)
        _gatherings.move_to_end(key)
        while len(_gatherings) > interactive.KEPT:
            _gatherings.popitem(last=False)
        return _gatherings[key]

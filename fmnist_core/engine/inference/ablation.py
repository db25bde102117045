"""Ablation: copies of networks with parts switched off or moved; the networks are never changed.

A network is named by the identifier of its run, or `"shipped-everyday"` or `"shipped-catalogue"`.
Every question may raise:
    RunError: There is no such run, it saved no network, or the shipped one is missing.
    TrainingError: The network's file is damaged.
    EngineError: The engine does not answer in time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data import load_dataset
from fmnist_core.data.dataset import ImageSet
from fmnist_core.data.split import subset
from fmnist_core.engine.datasets import has_dataset
from fmnist_core.engine.inference.model_cache import WarmModel, question
from fmnist_core.engine.inference.worker_client import ask, one_image
from fmnist_core.explain.breakage import Breakage, Broken, Judged, Part
from fmnist_core.recognition.verdict import answers_from
from fmnist_core.settings import Settings, load_settings
from fmnist_core.shipped import ModelRef

# Half a second to two for the networks of this lab; accuracy is then known to about two points.
JUDGED_IMAGES = 1000
# Copies take memory; a person breaks one network at a time.
_KEPT = 2


def breakable_parts(network: str, settings: Settings) -> tuple[Part, ...]:
    """The layers that can be broken, in their order."""
    return ask(network, ablatable_layers, settings=settings)


def break_it(
    network: str, image: NDArray[np.uint8], breakage: Breakage, settings: Settings
) -> Broken:
    """What a broken copy of the network says about an image uint8 (28, 28), and how good it is.

    It is judged by up to 1000 test images of the data set that the network learned from, the same
    each time and evenly of all classes, if these images are at hand.

    Raises:
        ConfigError: The network has no such layer or filter.
        InputError: An image of another size or kind.
    """
    ref = ModelRef.open(network, settings)
    found = ask(ref, ablate, one_image(image), breakage, settings=settings)
    before, after = (
        answers_from(scores, ref.calibration, network) for scores in (found.before, found.after)
    )
    return Broken(breakage, found.image, before, after, found.judged)


# From here on: what the worker does.


@dataclass(frozen=True, eq=False)
class Ablated:
    """What the worker finds out for a `Broken`; scores float32 (1, classes)."""

    image: NDArray[np.uint8]
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    judged: Judged | None


@question()
def ablatable_layers(model: WarmModel) -> tuple[Part, ...]:
    """See `explain.breakable`."""
    network = model.network
    from fmnist_core.explain import breakable

    return breakable.parts(network)


@question(needs_dataset=True)
def ablate(model: WarmModel, image: NDArray[np.uint8], breakage: Breakage) -> Ablated:
    """What a broken copy of the network says."""
    network = model.network
    with _lock:
        if model not in _copies:
            _copies[model] = _Copy(network, model.dataset)
        _copies.move_to_end(model)
        while len(_copies) > _KEPT:
            _copies.popitem(last=False)
        copy = _copies[model]
    return copy.ablate(image, breakage)


class _Copy:
    """A copy of a network, and what it said of some images before it was broken."""

    def __init__(self, network: Any, dataset: str) -> None:
        from fmnist_core.explain.breakable import Breakable

        self._copy = Breakable(network)
        self._dataset = dataset
        self._images: ImageSet | None = None
        self._before: NDArray[np.uint8] | None = None

    def ablate(self, image: NDArray[np.uint8], breakage: Breakage) -> Ablated:
        from fmnist_core.explain.damage import damaged
        from fmnist_core.explain.scores import scores

        images = self._judged_images()
        one = image[None]
        with self._copy.intact() as network:
            before = scores(network, one)
            if images is not None and self._before is None:
                self._before = scores(network, images.images).argmax(axis=1).astype(np.uint8)
        with self._copy.broken(breakage) as network:
            seen = damaged(one, breakage)
            after = scores(network, seen)
            judged = None
            if images is not None and self._before is not None:
                said = scores(network, damaged(images.images, breakage))
                labels = said.argmax(axis=1).astype(np.uint8)
                judged = Judged(self._dataset, images.labels, self._before, labels)
        return Ablated(seen[0], before, after, judged)

    def _judged_images(self) -> ImageSet | None:
        """The same test images each time, evenly of all classes; None where there are none."""
        if self._images is None and has_dataset(self._dataset):
            test = load_dataset(self._dataset, load_settings()).test
            count = min(JUDGED_IMAGES, len(test))
            self._images = test.take(subset(test.labels, count, seed=0))
        return self._images


_copies: OrderedDict[WarmModel, _Copy] = OrderedDict()
_lock = threading.Lock()

"""Ablation: copies of networks with parts switched off or moved; the networks are never changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.datasets import load_dataset
from fmnist_core.datasets.dataset import ImageSet
from fmnist_core.datasets.split import subset
from fmnist_core.engine.inference.model_cache import WarmModel
from fmnist_core.engine.inference.worker_client import ask, one_image, question
from fmnist_core.engine.server.dataset_transfer import has_dataset
from fmnist_core.explain.ablation import Breakage, Broken, Judged, Part
from fmnist_core.models.calibration import Answers, Calibration, answers_from
from fmnist_core.runs.pretrained import ModelRef
from fmnist_core.settings import Settings, load_settings

# Half a second to two for the networks of this lab; accuracy is then known to about two points.
JUDGED_IMAGES = 1000


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
    shown = one_image(image)
    return ask(ref, ablate, shown, breakage, ref.calibration, network, settings=settings)


# From here on: what the worker does.


@question()
def breakable_parts(model: WarmModel) -> tuple[Part, ...]:
    """The layers that can be broken, in their order."""
    from fmnist_core.explain import ablated_model

    return ablated_model.parts(model.network)


@question(needs_dataset=True)
def ablate(
    model: WarmModel,
    image: NDArray[np.uint8],
    breakage: Breakage,
    calibration: Calibration,
    name: str,
) -> Broken:
    """See `break_it`."""
    with _lock:
        copy = _copy_of(model)
    return copy.ablate(image, breakage, lambda said: answers_from(said, calibration, name))


class _Copy:
    """A copy of a network, and what it said of some images before it was broken."""

    def __init__(self, network: Any, dataset: str) -> None:
        from fmnist_core.explain.ablated_model import Breakable

        self._copy = Breakable(network)
        self._dataset = dataset
        self._images: ImageSet | None = None
        self._before: NDArray[np.uint8] | None = None

    def ablate(
        self,
        image: NDArray[np.uint8],
        breakage: Breakage,
        answers: Callable[[NDArray[np.float32]], Answers],
    ) -> Broken:
        from fmnist_core.explain.ablation import damaged
        from fmnist_core.models.scores import scores

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
        return Broken(breakage, seen[0], answers(before), answers(after), judged)

    def _judged_images(self) -> ImageSet | None:
        """The same test images each time, evenly of all classes; None where there are none."""
        if self._images is None and has_dataset(self._dataset):
            test = load_dataset(self._dataset, load_settings()).test
            count = min(JUDGED_IMAGES, len(test))
            self._images = test.take(subset(test.labels, count, seed=0))
        return self._images


# Copies take memory; a person breaks one network at a time.
@lru_cache(maxsize=2)
def _copy_of(model: WarmModel) -> _Copy:
    return _Copy(model.network, model.dataset)


_lock = threading.Lock()

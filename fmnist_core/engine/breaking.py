"""Breaks copies of networks, in the worker that keeps networks warm."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data import load_dataset
from fmnist_core.data.dataset import ImageSet
from fmnist_core.data.split import subset
from fmnist_core.engine import interactive
from fmnist_core.engine.datasets import has_dataset
from fmnist_core.explain.breakage import Breakage, Judged, Part
from fmnist_core.settings import load_settings

# Half a second to two for the networks of this lab; accuracy is then known to about two points.
JUDGED_IMAGES = 1000
# Copies take memory; a person breaks one network at a time.
_KEPT = 2


@dataclass(frozen=True, eq=False)
class Wreck:
    """What the worker finds out for a `Broken`; scores float32 (1, classes)."""

    image: NDArray[np.uint8]
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    judged: Judged | None


async def parts(digest: str) -> tuple[Part, ...] | None:
    """The layers that can be broken; None where the network was not sent yet."""
    return await asyncio.to_thread(_parts, digest)


async def break_it(
    digest: str, dataset: str, image: NDArray[np.uint8], breakage: Breakage
) -> Wreck | None:
    """What a broken copy of the network says; None where the network was not sent yet.

    Raises:
        ConfigError: The network has no such layer or filter.
    """
    return await asyncio.to_thread(_break_it, digest, dataset, image, breakage)


class _Workbench:
    """A copy of a network, and what it said of some images before it was broken."""

    def __init__(self, network: Any, dataset: str) -> None:
        from fmnist_core.explain.breakable import Breakable

        self._copy = Breakable(network)
        self._dataset = dataset
        self._images: ImageSet | None = None
        self._before: NDArray[np.uint8] | None = None

    def wreck(self, image: NDArray[np.uint8], breakage: Breakage) -> Wreck:
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
        return Wreck(seen[0], before, after, judged)

    def _judged_images(self) -> ImageSet | None:
        """The same test images each time, evenly of all classes; None where there are none."""
        if self._images is None and has_dataset(self._dataset):
            test = load_dataset(self._dataset, load_settings()).test
            count = min(JUDGED_IMAGES, len(test))
            self._images = test.take(subset(test.labels, count, seed=0))
        return self._images


_workbenches: OrderedDict[tuple[str, str], _Workbench] = OrderedDict()
_lock = threading.Lock()


def _parts(digest: str) -> tuple[Part, ...] | None:
    interactive.warm()
    from fmnist_core.explain import breakable

    network = interactive.network(digest)
    return None if network is None else breakable.parts(network)


def _break_it(
    digest: str, dataset: str, image: NDArray[np.uint8], breakage: Breakage
) -> Wreck | None:
    interactive.warm()
    network = interactive.network(digest)
    if network is None:
        return None
    return _workbench(network, digest, dataset).wreck(image, breakage)


def _workbench(network: Any, digest: str, dataset: str) -> _Workbench:
    key = (digest, dataset)
    with _lock:
        if key not in _workbenches:
            _workbenches[key] = _Workbench(network, dataset)
        _workbenches.move_to_end(key)
        while len(_workbenches) > _KEPT:
            _workbenches.popitem(last=False)
        return _workbenches[key]

"""Synthetic garments: the lab's own stand-in where there is neither Fashion-MNIST nor a network.

They are drawn by `garments`, and never presented as Fashion-MNIST: another name, another
fingerprint, `official` false.
"""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fmnist_core.atomic_files import storage_errors
from fmnist_core.classes import CLASS_COUNT
from fmnist_core.datasets.array_cache import load_arrays, save_arrays
from fmnist_core.datasets.dataset import (
    SYNTHETIC_GARMENTS,
    DataIdentity,
    Dataset,
    ImageSet,
    fingerprint_of,
)
from fmnist_core.datasets.garments.generate import draw_garments
from fmnist_core.datasets.progress import Listener, Progress
from fmnist_core.errors import DataError, StorageError
from fmnist_core.locks import locked
from fmnist_core.settings import Settings

TRAIN_COUNT, TEST_COUNT = 12_000, 2_000
# Part of the cache's name: raise it whenever the drawings change.
GENERATOR_VERSION = 1
_BLOCK = 200
_WAITING = "Another process is drawing the synthetic garments; waiting for it to finish."
_log = logging.getLogger(__name__)


def generate(
    seed: int = 0,
    *,
    train_count: int = TRAIN_COUNT,
    test_count: int = TEST_COUNT,
    listener: Listener | None = None,
) -> Dataset:
    """Draws both sets, with equally many garments of each class in random order.

    Takes about half a millisecond an image. Equal arguments give equal images.

    Raises:
        DataError: A count that is not a multiple of ten.
        DataStoppedError: The listener asked to stop.
    """
    _check_counts(train_count, test_count)
    work = _Work(train_count + test_count, listener or Listener())
    train_seed, test_seed = np.random.SeedSequence(seed).spawn(2)
    train = _image_set(train_count, np.random.default_rng(train_seed), work)
    test = _image_set(test_count, np.random.default_rng(test_seed), work)
    identity = DataIdentity(
        SYNTHETIC_GARMENTS, False, fingerprint_of(train, test), f"generated, seed {seed}"
    )
    return Dataset(train, test, identity)


def load_synthetic(
    settings: Settings,
    *,
    seed: int = 0,
    verify: bool = False,
    listener: Listener | None = None,
) -> Dataset:
    """The garments from the cache, or drawn now and put there.

    Of several processes that start at once, one draws and the others wait for it.

    Raises:
        DataStoppedError: The listener asked to stop.
    """
    listener = listener or Listener()
    folder = synthetic_folder(settings, seed)
    cached = load_arrays(folder, verify=verify)
    if cached is not None:
        return cached
    notice = partial(listener.notice, _WAITING)
    try:
        with storage_errors(folder), locked(folder / ".lock", notice, listener.raise_if_stopped):
            return load_arrays(folder, verify=verify) or _draw_and_save(folder, seed, listener)
    except StorageError as error:
        _log.warning("The garments are drawn without a cache. %s", error)
        return generate(seed, listener=listener)


def synthetic_folder(settings: Settings, seed: int = 0) -> Path:
    """The cache folder of the drawn garments, per version and seed."""
    return settings.cache_dir / f"{SYNTHETIC_GARMENTS}-v{GENERATOR_VERSION}-seed{seed}"


def _draw_and_save(folder: Path, seed: int, listener: Listener) -> Dataset:
    dataset = generate(seed, listener=listener)
    save_arrays(folder, dataset)
    return dataset


class _Work:
    """Counts drawn images, and tells the listener."""

    def __init__(self, total: int, listener: Listener) -> None:
        self._done, self._total, self._listener = 0, total, listener

    def advance(self, count: int) -> None:
        self._listener.raise_if_stopped()
        self._done += count
        self._listener.progress(
            Progress("drawing synthetic garments", self._done, self._total, "images")
        )


def _image_set(count: int, rng: np.random.Generator, work: _Work) -> ImageSet:
    each = count // CLASS_COUNT
    images = np.concatenate([_draw(label, each, rng, work) for label in range(CLASS_COUNT)])
    labels = np.repeat(np.arange(CLASS_COUNT, dtype=np.uint8), each)
    order = rng.permutation(count)
    images, labels = images[order], labels[order]
    images.flags.writeable = labels.flags.writeable = False
    return ImageSet(images, labels)


def _draw(label: int, count: int, rng: np.random.Generator, work: _Work) -> NDArray[np.uint8]:
    blocks = []
    for start in range(0, count, _BLOCK):
        size = min(_BLOCK, count - start)
        blocks.append(draw_garments(label, size, rng))
        work.advance(size)
    return np.concatenate(blocks)


def _check_counts(*counts: int) -> None:
    for count in counts:
        if count < CLASS_COUNT or count % CLASS_COUNT:
            raise DataError(
                f"Garments are drawn in multiples of {CLASS_COUNT}, one of each class.",
                received=count,
            )

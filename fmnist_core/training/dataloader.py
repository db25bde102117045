"""One epoch of training images: shuffled, augmented, cut into batches.

Whole batches are cut by reshaping the shuffled array, not gathered image by image: nothing is
left to do between two steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.augmentation.geometric import CHUNK, augment
from fmnist_core.augmentation.mixture import Mixture, Targets
from fmnist_core.classes import IMAGE_SIDE
from fmnist_core.collections.loading import Items
from fmnist_core.config import AugmentationConfig, TrainConfig
from fmnist_core.datasets.dataset import ImageSet
from fmnist_core.lab_keras import keras
from fmnist_core.preprocessing.resize import fit_to

# Images uint8 (n, side, side) and targets (see `targets`); labels as those of `Mixture.epoch`.
Examples = tuple[NDArray[np.uint8], Targets]


@contextmanager
def epoch_loader(
    train: ImageSet,
    training: TrainConfig,
    collections: Sequence[Items],
    targets: Targets | None = None,
    side: int = IMAGE_SIDE,
    *,
    other_clothing: bool = False,
) -> Iterator[EpochLoader]:
    """The feed of a run: with collections and other styles; closed afterwards.

    Args:
        targets: What is taught of each of `train`; by default their labels alone.
        side: Of the images, as the network reads them.
        other_clothing: Whether the network has an output for it.
    """
    mixture = None
    if collections or training.style_augmentation.active:
        mixture = Mixture(
            train,
            training.style_augmentation,
            collections,
            training.collection_share,
            training.seed,
            targets,
            side,
            other_clothing=other_clothing,
        )
    loader = EpochLoader(
        train, training.augmentation, training.batch_size, training.seed, mixture, targets, side
    )
    try:
        yield loader
    finally:
        loader.close()


class EpochLoader:
    """Prepares each epoch in a thread while the one before it trains.

    The order and the random changes depend on the seed and the epoch's number alone, so that a
    run that goes on after a crash sees what it would have seen.
    """

    def __init__(
        self,
        examples: ImageSet,
        augmentation: AugmentationConfig,
        batch_size: int,
        seed: int,
        mixture: Mixture | None = None,
        targets: Targets | None = None,
        side: int = IMAGE_SIDE,
    ) -> None:
        self._examples, self._side = examples, side
        self._targets = examples.labels if targets is None else targets
        self._mixture = mixture
        self._augmentation = augmentation
        self._batch_size = batch_size
        self._seed = seed
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="feed")
        self._next: dict[int, Future[Any]] = {}

    @property
    def size(self) -> int:
        """Images an epoch."""
        return self._mixture.size if self._mixture else len(self._examples)

    @property
    def progress(self) -> float:
        """The prepared share of the next epoch, 0 to 1."""
        return self._mixture.progress if self._mixture else 0.0

    def is_ready(self, number: int, seconds: float) -> bool:
        """Waits up to so many seconds for epoch `number`; an error in preparing counts as ready."""
        return bool(wait([self._preparing(number)], timeout=seconds).done)

    def epoch(self, number: int, *, last: bool) -> Any:
        """Batches for `model.fit`, epoch `number` counted from 0."""
        prepared = self._preparing(number).result()
        del self._next[number]
        if not last:
            self._preparing(number + 1)
        return prepared

    def _preparing(self, number: int) -> Future[Any]:
        if number not in self._next:
            self._next[number] = self._thread.submit(self._prepare, number)
        return self._next[number]

    def close(self) -> None:
        if self._mixture:
            self._mixture.stop()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _prepare(self, number: int) -> Any:
        # To the batches: handing an epoch's images to TensorFlow copies them, a tenth of a second.
        return batches(self._examples_of(number), self._batch_size)

    def _examples_of(self, number: int) -> Examples:
        random = np.random.default_rng([self._seed, number])
        examples = self._mixture.epoch(number) if self._mixture else self._plain()
        order = random.permutation(len(examples[1]))
        images, labels = examples[0][order], examples[1][order]
        if self._augmentation.active:
            mirrored = self._mirrored(number, len(order))
            for start in range(0, len(images), CHUNK):
                part = slice(start, start + CHUNK)
                own = None if mirrored is None else mirrored[order[part]]
                images[part] = augment(images[part], self._augmentation, random, own)
        return images, labels

    def _mirrored(self, number: int, count: int) -> NDArray[np.bool_] | None:
        """Where flips alternate, which images are mirrored: chosen in epoch 0, then by turns."""
        if not self._augmentation.alternates:
            return None
        first = np.random.default_rng([self._seed, 0, 1]).random(count) < 0.5
        return first ^ (number % 2 == 1)

    def _plain(self) -> Examples:
        return self._fitted, self._targets

    @cached_property
    def _fitted(self) -> NDArray[np.uint8]:
        """All images at the side that the network reads, made once: seconds above 28 pixels."""
        return fit_to(self._examples.images, self._side)


def batches(examples: Examples, batch_size: int) -> Any:
    """Batches in order, the last one perhaps smaller; they can be gone through many times.

    Returns:
        A `tf.data.Dataset` under TensorFlow, else a `keras.utils.PyDataset`: the same batches.
    """
    if keras.backend.backend() == "tensorflow":
        return _tensorflow_batches(examples, batch_size)
    return _PlainBatches(examples, batch_size)


class _PlainBatches(keras.utils.PyDataset):
    """Not a generator: validation goes through its batches once an epoch."""

    def __init__(self, examples: Examples, batch_size: int) -> None:
        super().__init__()
        self._images, self._labels = examples
        self._batch_size = batch_size

    def __len__(self) -> int:
        return -(-len(self._labels) // self._batch_size)

    def __getitem__(self, number: int) -> Examples:
        part = slice(number * self._batch_size, (number + 1) * self._batch_size)
        return self._images[part], self._labels[part]


def _tensorflow_batches(examples: Examples, batch_size: int) -> Any:
    import tensorflow as tf

    images, labels = examples
    whole = len(labels) // batch_size
    cut = whole * batch_size

    def tensors(start: int, stop: int, count: int) -> Any:
        some = images[start:stop].reshape(count, -1, *images.shape[1:])
        those = labels[start:stop].reshape(count, -1, *labels.shape[1:])
        return tf.data.Dataset.from_tensor_slices((some, those))

    parts = [tensors(0, cut, whole)] if whole else []
    if cut < len(labels):
        parts.append(tensors(cut, len(labels), 1))
    dataset = parts[0] if len(parts) == 1 else parts[0].concatenate(parts[1])
    return dataset.prefetch(4).with_options(_untuned())


def _untuned() -> Any:
    """Switches tf.data's tuner off: nothing here needs tuning, and its thread makes waiting.

    The tuner sleeps 10 ms, 20 ms, 40 ms and so on, and an iterator's end waits for it to wake: an
    epoch of 2.0 s then took 2.56 s, one of 5.5 s took 10.24 s (TensorFlow 2.21).
    """
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    return options

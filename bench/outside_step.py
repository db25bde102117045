"""How much longer an epoch of `train` takes than its compiled steps alone.

    python -m bench.outside_step PRESET IMAGES EPOCHS SEED

Prints one JSON line of shares of an epoch's wall time, medians over all epochs but the first:
`outside`, all that the steps alone do not take; `between`, what passes between the calls of the
compiled function. The rest of `outside` slows the calls themselves: waiting for data, and work of
other threads (augmentation, writing) on the same cores.

After each epoch the same compiled function goes through as many steps once more, given one batch
that lies in memory: no data, no callbacks, nothing beside it. An epoch lasts from there to its
own last callback; so everything counts that `train` does between two epochs, and both sides are
measured in one process within seconds of each other. That is sounder than adding up what is known
to lie outside: a thread that takes a core from the step shows in no sum. Validation is left out:
there are no images held back.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.run_through import run_through
from fmnist_core.config import RunConfig, override
from fmnist_core.config.presets import preset
from fmnist_core.datasets.dataset import FASHION_MNIST, Dataset
from fmnist_core.datasets.load import load_dataset
from fmnist_core.lab_keras import keras
from fmnist_core.settings import load_settings
from fmnist_core.training import train
from fmnist_core.training.dataloader import batches
from fmnist_core.training.threads import share_cores


class BareSteps(keras.callbacks.Callback):
    """Times each epoch as `train` runs it, then its steps alone."""

    def __init__(self, data: Dataset, config: RunConfig) -> None:
        super().__init__()
        self._batch_size = config.training.batch_size
        self._images = config.training.train_images or len(data.train)
        self._steps = -(-self._images // self._batch_size)
        self._batch = _one_batch(data, self._batch_size)
        self._inside = 0.0
        self._resumed: float | None = None
        self.outside: list[float] = []
        self.between: list[float] = []

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if not isinstance(self.model.train_function, _Timed):
            self.model.train_function = _Timed(self.model.train_function, self)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        ended, inside = time.perf_counter(), self._inside
        bare = self._bare()
        if self._resumed is not None:
            lasted = ended - self._resumed
            self.outside.append(1 - bare / lasted)
            self.between.append(1 - inside / lasted)
        self._inside = 0.0
        self._resumed = time.perf_counter()

    def _bare(self) -> float:
        """Seconds for as many images as an epoch has."""
        steps = iter(self._batch.repeat(self._steps))
        seconds = run_through(self.model.train_function.function, steps)
        return seconds * self._images / (self._steps * self._batch_size)

    def add(self, seconds: float) -> None:
        self._inside += seconds


class _Timed:
    """The compiled function, which tells how long each call took."""

    def __init__(self, function: Callable[[Any], Any], told: BareSteps) -> None:
        self.function, self._told = function, told

    def __call__(self, iterator: Any) -> Any:
        began = time.perf_counter()
        try:
            return self.function(iterator)
        finally:
            self._told.add(time.perf_counter() - began)


def _one_batch(data: Dataset, batch_size: int) -> Any:
    """Of the feed's own form, one batch that is copied no more."""
    few = slice(batch_size * 2 + 1 if len(data.train) % batch_size else batch_size * 2)
    fed = batches((data.train.images[few], data.train.labels[few]), batch_size)
    return fed.take(1).cache()


def shares(name: str, images: int, epochs: int, seed: int) -> dict[str, float]:
    """`outside` and `between`."""
    plain = ["validation_share=0", "keep_weights=last", "early_stopping=0"]
    changes = [*plain, f"train_images={images}", f"epochs={epochs}", f"seed={seed}"]
    config = override(preset(name).config, changes)
    data = load_dataset(FASHION_MNIST, load_settings())
    bare = BareSteps(data, config)
    with TemporaryDirectory() as place:
        train(config, Path(place) / "run", data=data, callbacks=[bare])
    return {
        "outside": statistics.median(bare.outside),
        "between": statistics.median(bare.between),
    }


if __name__ == "__main__":
    share_cores(os.cpu_count() or 1)
    print(json.dumps(shares(sys.argv[1], *map(int, sys.argv[2:5]))))

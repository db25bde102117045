"""Keras' own `fit` on arrays, as people write it, with a preset's network.

    FMNIST_DATA_DIR=... python -m bench.fit_epoch PRESET BATCH_SIZE IMAGES EPOCHS SEED

Prints one JSON line: `ends`, the second at which each epoch ended.
"""

from __future__ import annotations

import json
import sys
import time

from fmnist_core.config.presets import preset
from fmnist_core.datasets.dataset import FASHION_MNIST
from fmnist_core.datasets.load import load_dataset
from fmnist_core.lab_keras import keras
from fmnist_core.models.build import build_model
from fmnist_core.settings import load_settings


def epoch_ends(name: str, batch_size: int, images: int, epochs: int, seed: int) -> list[float]:
    """When each epoch of plain Adam ended, in seconds of a clock that only goes forward."""
    data = load_dataset(FASHION_MNIST, load_settings()).train
    x, y = data.images[:images, ..., None].astype("float32"), data.labels[:images]
    keras.utils.set_random_seed(seed)
    config = preset(name).config.model
    model = build_model(config)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=config.output == "logits")
    model.compile("adam", loss, metrics=["accuracy"])
    ends: list[float] = []
    clock = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter())
    )
    model.fit(x, y, batch_size=batch_size, epochs=epochs, callbacks=[clock], verbose=0)
    return ends


if __name__ == "__main__":
    print(json.dumps({"ends": epoch_ends(sys.argv[1], *map(int, sys.argv[2:6]))}))

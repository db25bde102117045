"""How long the compiled step takes, and the machine's limit beside it.

    python -m bench.step_cost float32|mixed_bfloat16 SEED [--few]
    python -m bench.step_cost rate float32|mixed_bfloat16 [--few]

The second prints `rate`, multiply-adds a second in a matrix product of that precision on all cores;
a process of its own, since a training shares out the cores otherwise. The first prints `points`:
for each network and batch size `axis` (`images`, `width` or `batch`), `images` an epoch,
`parameters`, `multiply_adds` (of one image, forward), `batch_size`, `seconds` for the `images`
(the least of some tries: whatever else runs only adds to it).

The network is reference-a's with its filters times a width; the images are random, since what they
show changes nothing about the cost.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from bench.run_through import run_through
from fmnist_core.config import ModelConfig, RunConfig, TrainConfig
from fmnist_core.config.presets import preset
from fmnist_core.models import summarise
from fmnist_core.training.compile import compiled_model
from fmnist_core.training.dataloader import batches
from fmnist_core.training.threads import share_cores

_IMAGES, _BATCH = 8_192, 128
_AXES: dict[str, list[float]] = {
    "images": [1_024, 4_096, 16_384, 60_000],
    "width": [0.125, 0.25, 0.5, 1, 2, 4],
    "batch": [8, 32, 128, 512, 2_048],
}
_TRIES, _SIDE = 3, 2_048


def measure(precision: str, seed: int, few: bool) -> dict[str, Any]:
    """What is printed; with `few`, one small point an axis."""
    random = np.random.default_rng(seed)
    points = []
    for axis, values in _AXES.items():
        for value in values[:1] if few else values:
            points.append(_point(axis, value, precision, random, 512 if few else _IMAGES))
    return {"points": points}


def _point(
    axis: str, value: float, precision: str, random: np.random.Generator, images: int
) -> dict[str, Any]:
    width = value if axis == "width" else 1
    batch = int(value) if axis == "batch" else min(_BATCH, images)
    count = int(value) if axis == "images" else images
    model = _network(width)
    training = TrainConfig(
        batch_size=batch, precision=precision, validation_share=0, keep_weights="last"
    )
    summary = summarise(model)
    return {
        "axis": axis,
        "images": count,
        "parameters": summary.parameters,
        "multiply_adds": summary.multiply_adds,
        "batch_size": batch,
        "seconds": _seconds(RunConfig(model, training), count, random),
    }


def _network(width: float) -> ModelConfig:
    reference = preset("reference-a").config.model
    blocks = tuple(
        replace(block, filters=max(1, round(block.filters * width))) for block in reference.blocks
    )
    return replace(reference, blocks=blocks)


def _seconds(config: RunConfig, count: int, random: np.random.Generator) -> float:
    """For one pass over `count` images, without `fit` around it."""
    images = random.integers(0, 256, (count, 28, 28), np.uint8)
    labels = random.integers(0, 10, count, np.uint8)
    fed = batches((images, labels), config.training.batch_size)
    model = compiled_model(config, -(-count // config.training.batch_size))
    model.make_train_function()

    return _least(lambda: run_through(model.train_function, iter(fed)))


def matrix_rate(precision: str, side: int = _SIDE) -> float:
    """Multiply-adds a second in products of square matrices, as TensorFlow computes them."""
    import tensorflow as tf

    dtype = tf.bfloat16 if precision == "mixed_bfloat16" else tf.float32
    one = tf.cast(tf.random.normal((side, side)), dtype)
    return side**3 / _least(lambda: tf.linalg.matmul(one, one).numpy(), tries=10)


def _least(work: Callable[[], Any], tries: int = _TRIES) -> float:
    work()
    taken = []
    for _ in range(tries):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)


def _main(few: bool) -> dict[str, Any]:
    if sys.argv[1] == "rate":
        return {"rate": matrix_rate(sys.argv[2], 256 if few else _SIDE)}
    share_cores(os.cpu_count() or 1)
    return measure(sys.argv[1], int(sys.argv[2]), few)


if __name__ == "__main__":
    print(json.dumps(_main("--few" in sys.argv)))

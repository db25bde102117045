"""Which precision a training computes in, where its configuration leaves that to the machine.

Processors with bfloat16 instructions train faster in it (Micikevicius et al., arXiv 1710.03740,
there with float16); all others emulate it, and take several times as long. So it is measured.
"""

from __future__ import annotations

import logging
import math
import os
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from fmnist_core.config import RunConfig
from fmnist_core.config.training import AUTO
from fmnist_core.errors import StorageError
from fmnist_core.lab_keras import keras
from fmnist_core.machine import MachineSpeed, store_speed, stored_speed
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings

log = logging.getLogger(__name__)

_BATCH, _SIDE, _CHANNELS = 64, 28, 16
_SECONDS_EACH = 0.4


def with_precision(folder: RunFolder, settings: Settings) -> RunConfig:
    """The configuration with a precision that can be computed in.

    Where it is left to the machine, what the run began with counts, so that a run that goes on
    elsewhere learns as before; then what was measured here, and else it is measured now.
    """
    config = folder.trained_config
    if config.training.precision != AUTO:
        return config
    used = machine_speed(settings).precision
    return replace(config, training=replace(config.training, precision=used))


def machine_speed(settings: Settings) -> MachineSpeed:
    """The measured speed of this machine; measures it once, in up to 3 seconds.

    Only under TensorFlow is there something to measure: other backends stay with float32.
    """
    stored = stored_speed(settings)
    if stored is not None:
        return stored
    speed = _measured()
    log.info("Measured: %s", speed)
    with suppress(StorageError):
        store_speed(settings, speed)
    return speed


def _measured() -> MachineSpeed:
    if keras.backend.backend() != "tensorflow":
        return MachineSpeed(1.0, 1.0, os.cpu_count() or 1)
    import tensorflow as tf

    float32 = _seconds_a_step(tf, tf.float32)
    try:
        bfloat16 = _seconds_a_step(tf, tf.bfloat16)
    except tf.errors.OpError as error:
        log.info("No bfloat16 here: %s", error.message)
        bfloat16 = math.inf
    threads = tf.config.threading.get_intra_op_parallelism_threads() or os.cpu_count() or 1
    return MachineSpeed(float32, bfloat16, threads)


def _seconds_a_step(tf: Any, dtype: Any) -> float:
    """Forward and backward through three 3x3 convolutions, the least of as many as time allows."""
    random = np.random.default_rng(0)
    shape = (_BATCH, _SIDE, _SIDE, _CHANNELS)
    images = tf.cast(random.standard_normal(shape).astype(np.float32), dtype)
    kernels = [
        tf.Variable(0.1 * random.standard_normal((3, 3, _CHANNELS, _CHANNELS)).astype(np.float32))
        for _ in range(3)
    ]

    @tf.function
    def step() -> Any:
        with tf.GradientTape() as tape:
            maps = images
            for kernel in kernels:
                maps = tf.nn.relu(tf.nn.conv2d(maps, tf.cast(kernel, dtype), 1, "SAME"))
            loss = tf.reduce_mean(tf.cast(maps, tf.float32) ** 2)
        return sum(tf.reduce_sum(each) for each in tape.gradient(loss, kernels))

    step()  # Traces.
    least, until = float("inf"), time.monotonic() + _SECONDS_EACH
    while True:
        began = time.monotonic()
        float(step())
        least = min(least, time.monotonic() - began)
        if time.monotonic() > until:
            return least

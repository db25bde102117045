"""A compiled step function by itself, without `fit` around it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any


def run_through(function: Callable[[Iterator[Any]], Any], steps: Iterator[Any]) -> float:
    """Seconds until `steps` has no batch left.

    A function that takes several steps at once may find the end in the midst of them: then
    TensorFlow says it in another way.
    """
    import tensorflow as tf

    began = time.perf_counter()
    try:
        while True:
            function(steps)
    except (StopIteration, tf.errors.OutOfRangeError):
        return time.perf_counter() - began

"""Child processes that start in half a second: forked from a process that has Keras loaded."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from fmnist_core.machine import stored_speed
from fmnist_core.settings import load_settings

_MEASURE_AFTER_SECONDS = 10.0

_context = multiprocessing.get_context("forkserver")


def prepare() -> None:
    """Starts the fork server and returns once it has loaded Keras (some 3 to 6 seconds)."""
    _let_children_find_the_lab()
    _context.set_forkserver_preload(["fmnist_core.engine.worker.forkserver_preload"])
    forkserver.ensure_running()
    start(_nothing).join()


def prepare_beside() -> threading.Thread:
    """`prepare` in a thread of its own, and then measures the machine where that was never done."""
    thread = threading.Thread(target=_prepare_and_measure, name="nursery", daemon=True)
    thread.start()
    return thread


def start(target: Callable[..., Any], *arguments: Any) -> ForkServerProcess:
    """A new child running `target(*arguments)`, which ends together with this process."""
    child = _context.Process(target=target, args=arguments, daemon=True)
    child.start()
    return child


def _prepare_and_measure() -> None:
    prepare()
    # Who presses Train at once should not wait for it: that run measures by itself.
    time.sleep(_MEASURE_AFTER_SECONDS)
    if stored_speed(load_settings()) is None:
        # In a child, for TensorFlow must not run in the process that all others are forked from.
        start(_measure).join()


def _measure() -> None:
    from fmnist_core.training.precision import machine_speed

    machine_speed(load_settings())


def _let_children_find_the_lab() -> None:
    # The fork server looks at PYTHONPATH only, not at this process' own list of folders.
    root = str(Path(__file__).parents[3])
    folders = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if root not in folders:
        os.environ["PYTHONPATH"] = os.pathsep.join([root, *filter(None, folders)])


def _nothing() -> None:
    """A first child makes sure that the fork server is ready."""

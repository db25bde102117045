"""The process that unfolds a map: it tells how far it is, can be stopped, and outlives nobody."""

import subprocess
import sys
import threading
import time
from contextlib import suppress
from threading import Event

import numpy as np
import psutil
import pytest

from fmnist_core.background_job import StoppedError
from fmnist_core.errors import DataError, EngineError
from fmnist_core.explain.tsne_process import tsne_in_subprocess
from tests.core.engine.conftest import PATIENCE, is_dead, wait_for

MODULE = "fmnist_core.explain.tsne_process"


def cloud(count: int, axes: int = 5) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, axes)).astype(np.float32)


def unheard(share: float, what: str = "") -> None:
    """Hears of the progress, and does nothing with it."""


def child() -> psutil.Process | None:
    for process in psutil.Process().children():
        # Another test's child may be ending in this very moment.
        with suppress(psutil.NoSuchProcess):
            if MODULE in process.cmdline():
                return process
    return None


def test_a_map_comes_with_its_progress():
    shares: list[float] = []
    places = tsne_in_subprocess(cloud(60), lambda share, what="": shares.append(share), Event())
    assert places.shape == (60, 2)
    assert np.isfinite(places).all()
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert child() is None


def test_what_cannot_be_unfolded_is_explained():
    with pytest.raises(DataError, match="the same features"):
        tsne_in_subprocess(np.zeros((50, 2), np.float32), unheard, Event())


def test_it_stops_when_asked_to():
    stopped = Event()

    def stop_soon() -> None:
        wait_for(child, PATIENCE, "the child")
        stopped.set()

    stopper = threading.Thread(target=stop_soon)
    stopper.start()
    # So many that it cannot be done before it is stopped.
    with pytest.raises(StoppedError):
        tsne_in_subprocess(cloud(6000), unheard, stopped)
    stopper.join()
    assert child() is None


def test_a_child_that_is_killed_is_an_error():
    def kill_soon() -> None:
        wait_for(child, PATIENCE, "the child").kill()

    killer = threading.Thread(target=kill_soon)
    killer.start()
    with pytest.raises(EngineError, match="its process ended"):
        tsne_in_subprocess(cloud(6000), unheard, Event())
    killer.join()


def test_it_ends_with_its_parent():
    code = (
        "import numpy as np\n"
        "from threading import Event\n"
        "from fmnist_core.explain.tsne_process import tsne_in_subprocess\n"
        "unheard = lambda share, what='': None\n"
        "tsne_in_subprocess(np.random.rand(6000, 5).astype('f4'), unheard, Event())"
    )
    parent = psutil.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    children = wait_for(parent.children, PATIENCE, "the child")
    # It has its task by then: a child that only begins ends with its first reading.
    time.sleep(0.5)
    parent.kill()
    parent.wait()
    wait_for(lambda: is_dead(children[0].pid), PATIENCE, "the child's end")

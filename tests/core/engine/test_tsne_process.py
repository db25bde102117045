"""The process that unfolds a map: it tells how far it is, can be stopped, and outlives nobody."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import suppress

import numpy as np
import psutil
import pytest

from fmnist_core.errors import DataError, EngineError
from fmnist_core.explain.tsne_process import TsneProcess
from tests.core.engine.conftest import PATIENCE, is_dead, wait_for

MODULE = "fmnist_core.explain.tsne_process"


def cloud(count: int, axes: int = 5) -> np.ndarray:
    found: np.ndarray = np.random.default_rng(0).normal(size=(count, axes)).astype(np.float32)
    return found


def child() -> psutil.Process | None:
    for process in psutil.Process().children():
        # Another test's child may be ending in this very moment.
        with suppress(psutil.NoSuchProcess):
            if MODULE in process.cmdline():
                return process
    return None


def test_a_map_comes_with_its_progress() -> None:
    process, shares = TsneProcess(), []
    places = process.run(cloud(60), shares.append)
    assert places is not None
    assert places.shape == (60, 2)
    assert np.isfinite(places).all()
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert process.seconds_left == 0
    assert child() is None


def test_what_cannot_be_unfolded_is_explained() -> None:
    with pytest.raises(DataError, match="the same of every image"):
        TsneProcess().run(np.zeros((50, 2), np.float32), lambda share: None)


def test_it_stops_when_asked_to() -> None:
    process, found = TsneProcess(), []
    # So many that it cannot be done before it is stopped.
    work = threading.Thread(
        target=lambda: found.append(process.run(cloud(6000), lambda share: None))
    )
    work.start()
    wait_for(child, PATIENCE, "the child")
    process.stop()
    work.join(PATIENCE)
    assert found == [None]
    assert child() is None


def test_stopped_before_its_turn_it_does_not_begin() -> None:
    process = TsneProcess()
    process.stop()
    assert process.run(cloud(60), lambda share: None) is None


def test_a_child_that_is_killed_is_an_error() -> None:
    def kill_soon() -> None:
        wait_for(child, PATIENCE, "the child").kill()

    killer = threading.Thread(target=kill_soon)
    killer.start()
    with pytest.raises(EngineError, match="its process ended"):
        TsneProcess().run(cloud(6000), lambda share: None)
    killer.join()


def test_it_ends_with_its_parent() -> None:
    code = (
        "import numpy as np\n"
        "from fmnist_core.explain.tsne_process import TsneProcess\n"
        "TsneProcess().run(np.random.rand(6000, 5).astype('f4'), lambda share: None)"
    )
    parent = psutil.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    children = wait_for(parent.children, PATIENCE, "the child")
    # It has its task by then: a child that only begins ends with its first reading.
    time.sleep(0.5)
    parent.kill()
    parent.wait()
    wait_for(lambda: is_dead(children[0].pid), PATIENCE, "the child's end")

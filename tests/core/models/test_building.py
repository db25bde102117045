"""Networks are built one at a time, since their weights come from the process's random numbers."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.training


# In a process of its own: in that of the tests, threads that earlier ones left behind draw from
# Python's random numbers as well.
_WHILE_OTHERS_LOAD = """
import sys, threading
from pathlib import Path
import numpy as np
from fmnist_core.models.build import build_model, load_model
from tests.nets import PLAIN

model, path = PLAIN.model, Path(sys.argv[1])
build_model(model).save(path)
expected = build_model(model, seed=7).get_weights()
ended = threading.Event()

def load():
    # A lock is not handed on to who has waited longest: without a rest the seed would wait.
    while not ended.wait(0.01):
        load_model(path)

threads = [threading.Thread(target=load) for _ in range(2)]
for thread in threads:
    thread.start()
try:
    for _ in range(8):
        for one, other in zip(build_model(model, seed=7).get_weights(), expected, strict=True):
            np.testing.assert_array_equal(one, other)
finally:
    ended.set()
"""


def test_a_seed_gives_the_same_weights_whatever_other_threads_load(tmp_path):
    line = [sys.executable, "-c", _WHILE_OTHERS_LOAD, str(tmp_path / "other.keras")]
    done = subprocess.run(line, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-2000:]

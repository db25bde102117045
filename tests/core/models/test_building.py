"""Networks are built one at a time, since their weights come from the process's random numbers."""

import threading

import numpy as np
import pytest

from tests.nets import PLAIN

pytestmark = pytest.mark.training


def test_a_seed_gives_the_same_weights_whatever_other_threads_load(tmp_path):
    from fmnist_core.models.build import build_model, load_model

    model, path = PLAIN.model, tmp_path / "other.keras"
    build_model(model).save(path)
    expected = build_model(model, seed=7).get_weights()
    ended = threading.Event()

    def load() -> None:
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
        for thread in threads:
            thread.join()

"""Many batches two at a time: as one after the other, only sooner."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from fmnist_core.config import BlockConfig, ModelConfig

pytestmark = pytest.mark.training
SMALL = ModelConfig(blocks=(BlockConfig(filters=4),), dense=())


def test_answers_come_in_the_order_of_the_parts_however_long_each_takes() -> None:
    from fmnist_core.models.build import build_model, side_by_side

    def ask(part: int) -> int:
        time.sleep(0.05 if part % 2 else 0.0)
        return 10 * part

    assert side_by_side(build_model(SMALL), ask, range(7)) == [0, 10, 20, 30, 40, 50, 60]


def test_only_the_first_part_of_a_new_network_is_asked_alone() -> None:
    from fmnist_core.models.build import build_model, side_by_side

    # Whoever is asked alone would wait for company in vain.
    model, company = build_model(SMALL), threading.Barrier(2)
    assert side_by_side(model, lambda part: part, [1, 2, 3]) == [1, 2, 3]
    side_by_side(model, lambda part: company.wait(timeout=20), [1, 2, 3, 4])


@pytest.mark.parametrize("count", [1, 33, 1300])
def test_all_images_are_answered_as_keras_itself_answers(count: int) -> None:
    from fmnist_core.models.build import build_model
    from fmnist_core.models.features import outputs
    from fmnist_core.training.snapshot_callback import answers

    model = build_model(SMALL)
    images = np.random.default_rng(0).integers(0, 256, (count, 28, 28), np.uint8)
    expected = model.predict(images, verbose=0)
    np.testing.assert_allclose(outputs(model, images), expected, atol=1e-4)
    np.testing.assert_allclose(answers(model, images), expected, atol=1e-4)

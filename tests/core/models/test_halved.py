"""Steps in two halves of the batch, and batches two at a time: as Keras' own, only sooner."""

import threading
import time
from typing import Any

import numpy as np
import pytest

from fmnist_core.config import BlockConfig, ModelConfig

pytestmark = pytest.mark.training
WITHOUT_NORM = ModelConfig(blocks=(BlockConfig(filters=4), BlockConfig(filters=8)), dense=())


def compiled(model: Any) -> Any:
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"], jit_compile=False)
    return model


def alike() -> tuple[Any, Any]:
    """A network as Keras steps, and one of the same weights that steps in halves."""
    from fmnist_core.models.build import build_model, training_model

    plain, halved = compiled(build_model(WITHOUT_NORM)), compiled(training_model(WITHOUT_NORM))
    halved.set_weights(plain.get_weights())
    return plain, halved


@pytest.mark.parametrize("count", [1, 2, 5, 64])
def test_a_step_is_that_of_the_whole_batch(count, garments):
    plain, halved = alike()
    images, labels = garments.train.images[:count], garments.train.labels[:count]
    for _ in range(2):
        expected = plain.train_on_batch(images, labels, return_dict=True)
        found = halved.train_on_batch(images, labels, return_dict=True)
        assert found == pytest.approx(expected, abs=1e-4)
    for ours, theirs in zip(halved.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_an_epochs_figures_count_the_last_batch_by_its_images(garments):
    plain, halved = alike()
    images, labels = garments.train.images[:75], garments.train.labels[:75]
    options = {"batch_size": 64, "shuffle": False, "verbose": 0}
    expected = plain.fit(images, labels, **options).history
    found = halved.fit(images, labels, **options).history
    assert found["loss"] == pytest.approx(expected["loss"], abs=1e-4)
    assert found["accuracy"] == pytest.approx(expected["accuracy"], abs=1e-6)


def test_each_half_is_normalised_by_itself(garments):
    from fmnist_core.models.build import training_model

    normed = ModelConfig(blocks=(BlockConfig(filters=4, batch_norm=True),), dense=())
    weights = training_model(normed).get_weights()

    def loss(order: np.ndarray) -> float:
        model = compiled(training_model(normed))
        model.set_weights(weights)
        images, labels = garments.train.images[order], garments.train.labels[order]
        return float(model.train_on_batch(images, labels)[0])

    as_they_are = np.arange(32)
    within = np.concatenate([as_they_are[:16][::-1], as_they_are[16:]])
    across = np.concatenate([as_they_are[::2], as_they_are[1::2]])
    assert loss(within) == pytest.approx(loss(as_they_are), abs=1e-4)
    assert loss(across) != pytest.approx(loss(as_they_are), abs=1e-4)


SMALL = ModelConfig(blocks=(BlockConfig(filters=4),), dense=())


def test_answers_come_in_the_order_of_the_parts_however_long_each_takes():
    from fmnist_core.models.build import build_model, side_by_side

    def ask(part: int) -> int:
        time.sleep(0.05 if part % 2 else 0.0)
        return 10 * part

    assert side_by_side(build_model(SMALL), ask, range(7)) == [0, 10, 20, 30, 40, 50, 60]


def test_only_the_first_part_of_a_new_network_is_asked_alone():
    from fmnist_core.models.build import build_model, side_by_side

    # Whoever is asked alone would wait for company in vain.
    model, company = build_model(SMALL), threading.Barrier(2)
    assert side_by_side(model, lambda part: part, [1, 2, 3]) == [1, 2, 3]
    side_by_side(model, lambda part: company.wait(timeout=20), [1, 2, 3, 4])


@pytest.mark.parametrize("count", [1, 33, 1300])
def test_all_images_are_answered_as_keras_itself_answers(count):
    from fmnist_core.models.build import build_model
    from fmnist_core.models.features import outputs
    from fmnist_core.training.snapshot_callback import answers

    model = build_model(SMALL)
    images = np.random.default_rng(0).integers(0, 256, (count, 28, 28), np.uint8)
    expected = model.predict(images, verbose=0)
    np.testing.assert_allclose(outputs(model, images), expected, atol=1e-4)
    np.testing.assert_allclose(answers(model, images), expected, atol=1e-4)

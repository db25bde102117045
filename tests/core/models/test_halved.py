"""Steps in two halves of the batch: as Keras' own, but for batch normalisation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fmnist_core.config import BlockConfig, ModelConfig
from fmnist_core.datasets.dataset import Dataset

pytestmark = pytest.mark.training
WITHOUT_NORM = ModelConfig(blocks=(BlockConfig(filters=4), BlockConfig(filters=8)), dense=())


def compiled(model: Any) -> Any:
    import keras

    model.compile(
        keras.optimizers.SGD(0.1),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,
    )
    return model


@pytest.mark.parametrize("count", [1, 2, 5, 64])
def test_a_step_is_that_of_the_whole_batch(count: int, garments: Dataset) -> None:
    from fmnist_core.models.build import build_model, training_model

    plain, halved = compiled(build_model(WITHOUT_NORM)), compiled(training_model(WITHOUT_NORM))
    halved.set_weights(plain.get_weights())
    images, labels = garments.train.images[:count], garments.train.labels[:count]
    for _ in range(2):
        expected = plain.train_on_batch(images, labels, return_dict=True)
        found = halved.train_on_batch(images, labels, return_dict=True)
        assert found == pytest.approx(expected, abs=1e-4)
    for ours, theirs in zip(halved.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_an_epochs_figures_count_the_last_batch_by_its_images(garments: Dataset) -> None:
    from fmnist_core.models.build import build_model, training_model

    plain, halved = compiled(build_model(WITHOUT_NORM)), compiled(training_model(WITHOUT_NORM))
    halved.set_weights(plain.get_weights())
    images, labels = garments.train.images[:75], garments.train.labels[:75]
    options = {"batch_size": 64, "shuffle": False, "verbose": 0}
    expected = plain.fit(images, labels, **options).history
    found = halved.fit(images, labels, **options).history
    assert found["loss"] == pytest.approx(expected["loss"], abs=1e-4)
    assert found["accuracy"] == pytest.approx(expected["accuracy"], abs=1e-6)


def test_each_half_is_normalised_by_itself(garments: Dataset) -> None:
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

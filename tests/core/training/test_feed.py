"""Batches for a Keras that computes with something else than TensorFlow."""

import numpy as np
import pytest

pytestmark = pytest.mark.training


@pytest.mark.parametrize(
    "targets",
    [np.arange(70, dtype=np.uint8), np.random.default_rng(1).random((70, 11), np.float32)],
    ids=["labels", "rows of a teacher"],
)
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_batches_are_whole_and_can_be_gone_through_again(backend, targets, monkeypatch):
    import keras

    from fmnist_core.training.dataloader import batches

    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    images = np.random.default_rng(0).integers(0, 256, (70, 28, 28), np.uint8)
    several = batches((images, targets), 32)
    assert len(several) == 3
    for _ in range(3):
        seen = [(np.asarray(x), np.asarray(y)) for x, y in several]
        assert [y.shape for _, y in seen] == [(n, *targets.shape[1:]) for n in (32, 32, 6)]
        np.testing.assert_array_equal(np.concatenate([x for x, _ in seen]), images)
        np.testing.assert_array_equal(np.concatenate([y for _, y in seen]), targets)


def test_validation_is_judged_by_all_images_in_every_epoch(monkeypatch):
    import keras

    from fmnist_core.training.dataloader import batches

    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (70, 28, 28), np.uint8)
    labels = random.integers(0, 10, 70).astype(np.uint8)
    validation, training = (batches((images, labels), size) for size in (32, 16))
    monkeypatch.undo()
    layers = [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(10)]
    model = keras.Sequential([keras.Input((28, 28)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, metrics=["accuracy"])
    for epoch in range(3):
        judged = model.fit(
            training,
            validation_data=validation,
            initial_epoch=epoch,
            epochs=epoch + 1,
            shuffle=False,
            verbose=0,
        )
        right = (model.predict(images, verbose=0).argmax(axis=1) == labels).mean()
        assert judged.history["val_accuracy"] == [pytest.approx(right)]

"""Loss and metric in numbers: for clothing Keras' own, and unsure about what is no clothing."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fmnist_core.config import override
from tests.nets import PLAIN

pytestmark = pytest.mark.training

OTHER = 11
OUTPUTS = ("logits", "softmax")
SMOOTHINGS = (0.0, 0.2)


def compiled(output: str, smoothing: float, other: float) -> Any:
    from fmnist_core.training.compile import compiled_model

    changes = [f"output={output}", f"label_smoothing={smoothing}", f"negatives={other}"]
    return compiled_model(override(PLAIN, changes), steps_per_epoch=4)


def as_output(logits: NDArray[np.float32], output: str) -> NDArray[np.float32]:
    if output == "logits":
        return logits
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (shares / shares.sum(axis=-1, keepdims=True)).astype(np.float32)


def loss(model: Any, labels: NDArray[np.integer], answers: NDArray[np.float32]) -> float:
    return float(model.compute_loss(y=labels, y_pred=answers))


def some_logits(count: int = 40) -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(0, 2, (count, 10)).astype(np.float32)


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("other", [0.0, 0.3])
def test_for_clothing_the_loss_is_that_of_keras(output, smoothing, other):
    import keras

    model, labels = compiled(output, smoothing, other), np.arange(40, dtype=np.uint8) % 10
    answers = as_output(some_logits(), output)
    kerass = keras.losses.CategoricalCrossentropy(
        from_logits=output == "logits", label_smoothing=smoothing
    )
    expected = float(kerass(np.eye(10, dtype=np.float32)[labels], answers))
    assert loss(model, labels, answers) == pytest.approx(expected, rel=1e-5)
    assert loss(model, labels[:, None], answers) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_for_what_is_no_clothing_the_loss_is_least_at_the_uniform_answer(output, smoothing):
    model, labels = compiled(output, smoothing, other=0.3), np.array([OTHER], np.uint8)

    def of(logits: NDArray[np.float32]) -> float:
        return loss(model, labels, as_output(logits[None], output))

    uniform = np.zeros(10, np.float32)
    least = of(uniform)
    # The cross-entropy between two uniform answers, nats.
    assert least == pytest.approx(np.log(10), rel=1e-5)
    for step in 0.3 * np.eye(10, dtype=np.float32):
        # Whichever class is preferred, or held back.
        assert of(uniform + step) > least + 1e-3
        assert of(uniform - step) > least + 1e-3
        assert of(uniform + step) == pytest.approx(of(uniform + step[::-1]), rel=1e-5)
    logits = some_logits(1)[0]
    expected = -np.log(as_output(logits, "softmax")).mean()
    assert of(logits) == pytest.approx(float(expected), rel=1e-4)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_a_batch_of_both_is_the_mean_of_its_images(smoothing):
    model, logits = compiled("logits", smoothing, other=0.3), some_logits(4)
    labels = np.array([3, OTHER, 0, OTHER], np.uint8)
    alone = [loss(model, labels[i : i + 1], logits[i : i + 1]) for i in range(4)]
    assert loss(model, labels, logits) == pytest.approx(np.mean(alone), rel=1e-5)


def accuracy(labels: NDArray[np.uint8], guesses: list[int]) -> Any:
    from fmnist_core.training.compile import ClothingAccuracy

    metric = ClothingAccuracy(PLAIN.model)
    metric.update_state(labels, np.eye(10, dtype=np.float32)[guesses])
    return metric


def test_accuracy_counts_clothing_alone():
    labels = np.array([0, 1, 2, OTHER, OTHER, 9], np.uint8)
    metric = accuracy(labels, [0, 1, 5, 0, 9, 9])
    assert float(metric.result()) == pytest.approx(3 / 4)
    metric.update_state(np.array([OTHER, 4], np.uint8), np.eye(10, dtype=np.float32)[[4, 3]])
    assert float(metric.result()) == pytest.approx(3 / 5)
    metric.reset_state()
    assert float(metric.result()) == 0
    assert float(accuracy(labels[:, None], [0, 1, 5, 0, 9, 9]).result()) == pytest.approx(3 / 4)


def test_accuracy_without_any_clothing_is_no_number_out_of_nothing():
    assert float(accuracy(np.full(3, OTHER, np.uint8), [1, 2, 3]).result()) == 0


def test_among_clothing_the_accuracy_is_that_of_keras():
    import keras

    labels = np.arange(40, dtype=np.uint8) % 10
    kerass = keras.metrics.SparseCategoricalAccuracy()
    kerass.update_state(labels, some_logits())
    guesses = some_logits().argmax(axis=1).tolist()
    assert float(accuracy(labels, guesses).result()) == pytest.approx(float(kerass.result()))


@pytest.mark.parametrize(("other", "expected"), [(0.3, "ClothingAccuracy"), (0.0, "Sparse")])
def test_a_run_that_shows_others_is_measured_by_its_clothing(other, expected):
    model = compiled("logits", 0.0, other)
    model.evaluate(np.zeros((2, 28, 28), np.uint8), np.zeros(2, np.uint8), verbose=0)
    kinds = [type(metric).__name__ for group in model.metrics[1:] for metric in group.metrics]
    assert any(kind.startswith(expected) for kind in kinds)

"""Occlusion, integrated gradients and Grad-CAM at any layer, where the reasons are known."""

from typing import Any

import numpy as np
import pytest

from fmnist_core.config import override
from fmnist_core.errors import ConfigError
from fmnist_core.runs.pretrained import SHIPPED_CATALOGUE, SHIPPED_EVERYDAY, shipped_model_path
from tests.nets import PLAIN, seeded

pytestmark = pytest.mark.training


def weighted_sum(weights: np.ndarray, output: str = "linear") -> Any:
    """A network whose score of class 0 is a weighted sum of the pixels; of class 1 its opposite."""
    import keras

    pixels = keras.Input((28, 28, 1))
    answer = keras.layers.Dense(2, activation=output)
    model = keras.Model(pixels, answer(keras.layers.Flatten()(pixels)))
    answer.set_weights([np.stack([weights.ravel(), -weights.ravel()], axis=1), np.zeros(2)])
    return model


def random_scores(seed: int) -> Any:
    """A linear network whose ten scores rise and fall together, with weights of either sign."""
    import keras

    rng = np.random.default_rng(seed)
    pixels = keras.Input((28, 28, 1))
    answer = keras.layers.Dense(10)
    model = keras.Model(pixels, answer(keras.layers.Flatten()(pixels)))
    together = rng.normal(0, 2e-4, (784, 1))
    answer.set_weights([together + rng.normal(0, 1e-4, (784, 10)), np.zeros(10)])
    return model


def small_network(*changes: str) -> Any:
    return seeded(override(PLAIN, changes), 3)


def shipped(network: str) -> Any:
    import keras

    return keras.models.load_model(shipped_model_path(network))


@pytest.mark.parametrize("output", ["linear", "softmax"])
def test_integrated_gradients_of_a_sum_are_its_terms(output):
    from fmnist_core.explain.integrated_gradients import attribute

    rng = np.random.default_rng(1)
    weights = rng.normal(size=(28, 28)).astype(np.float32) / 255
    image = rng.integers(0, 256, (28, 28)).astype(np.uint8)
    found = attribute(weighted_sum(weights, output), image, 0)
    np.testing.assert_allclose(found.shares, weights * image, atol=1e-4)
    assert found.difference == pytest.approx(float((weights * image).sum()), abs=1e-3)
    assert found.steps == 64
    against = attribute(weighted_sum(weights, output), image, 1)
    np.testing.assert_allclose(against.shares, -found.shares, atol=1e-4)


@pytest.mark.parametrize(
    "changes",
    [
        ("model.blocks.1.residual=true", "model.blocks.1.batch_norm=true"),
        ("model.output=softmax", "model.blocks.0.activation=gelu"),
        ("model.blocks=[]",),
    ],
)
def test_integrated_gradients_are_complete(changes, garments):
    from fmnist_core.explain.integrated_gradients import attribute
    from fmnist_core.models.features import scores

    model = small_network(*changes)
    for place, image in enumerate(garments.test.images[:3]):
        label = int(garments.test.labels[place])
        found = attribute(model, image, label)
        said = scores(model, np.stack([image, np.zeros_like(image)]))[:, label]
        assert found.difference == pytest.approx(float(said[0] - said[1]), abs=1e-4)
        assert found.shares.sum() == pytest.approx(found.difference, rel=0.011, abs=1e-4)
        assert found.gap < 0.01


@pytest.mark.parametrize("network", [SHIPPED_CATALOGUE, SHIPPED_EVERYDAY])
def test_they_are_complete_where_scores_are_nearly_equal(network, garments):
    """A hundredth of a small difference is little beside what the pixels add and take away."""
    from fmnist_core.explain.integrated_gradients import attribute
    from fmnist_core.models.features import scores

    model = shipped(network)
    images = garments.test.images[:60]
    said = scores(model, np.concatenate([images, np.zeros_like(images[:1])]))
    differences = np.abs(said[:-1] - said[-1])
    row, label = np.argwhere((differences > 0.25) & (differences < 0.5))[0]
    found = attribute(model, images[row], int(label))
    assert np.abs(found.shares).sum() > 20 * abs(found.difference)
    assert found.shares.sum() == pytest.approx(found.difference, rel=0.011)
    assert found.steps <= 640


def test_a_black_image_has_nothing_to_share_out():
    from fmnist_core.explain.integrated_gradients import attribute

    found = attribute(small_network(), np.zeros((28, 28), np.uint8), 0)
    assert not found.shares.any()
    assert (found.difference, found.gap) == (0, 0)


def test_hiding_what_counts_lowers_the_score():
    from fmnist_core.explain.occlusion import occlude

    weights = np.zeros((28, 28), np.float32)
    weights[10:14, 20:24] = 1 / 255
    weights[0:4, 0:4] = -1 / 255
    image = np.full((28, 28), 255, np.uint8)
    found = occlude(weighted_sum(weights), image, 0, patch=4, stride=2)
    assert found.loss.shape == (28, 28)
    assert (found.row, found.column, found.patch) == (10, 20, 4)
    # All 16 pixels hidden at once cost 16 points.
    assert found.loss.max() == pytest.approx(found.loss[11, 21])
    assert found.loss[2, 2] < 0
    assert found.loss[20, 5] == 0
    assert found.share == pytest.approx(0.5)
    assert found.least == pytest.approx(1 / (1 + np.exp(32)), rel=1e-3)
    warm = occlude(weighted_sum(weights), image, 0, patch=4, stride=2, temperature=16.0)
    assert warm.least == pytest.approx(1 / (1 + np.exp(2)), rel=1e-3)


@pytest.mark.parametrize(("patch", "stride"), [(5, 3), (27, 27), (1, 1), (10, 4)])
def test_no_pixel_is_left_out(patch, stride):
    from fmnist_core.explain.occlusion import occlude

    weights = np.full((28, 28), 1 / 255, np.float32)
    image = np.full((28, 28), 255, np.uint8)
    found = occlude(weighted_sum(weights), image, 0, patch=patch, stride=stride)
    # Two classes with opposite scores: the log-odds change by twice the score.
    np.testing.assert_allclose(found.loss, 2 * patch**2, rtol=1e-3)


def test_the_named_square_is_warm_where_all_classes_lose_score():
    """A class whose score falls less than the others' becomes more probable: blue, not warm."""
    from fmnist_core.explain.occlusion import occlude

    image = np.full((28, 28), 255, np.uint8)
    for seed in range(5):
        model = random_scores(seed)
        for label in range(10):
            found = occlude(model, image, label, patch=6)
            area = found.loss[found.row : found.row + 6, found.column : found.column + 6]
            assert found.least < found.share
            assert area.mean() > 0


@pytest.mark.parametrize(("patch", "stride"), [(0, 1), (28, 1), (4, 5), (4, 0)])
def test_squares_that_cannot_be_are_refused(patch, stride):
    from fmnist_core.explain.occlusion import occlude

    with pytest.raises(ConfigError, match="patch"):
        occlude(small_network(), np.zeros((28, 28), np.uint8), 0, patch=patch, stride=stride)


def test_every_convolution_has_a_heat_of_its_own(garments):
    from fmnist_core.explain.gradcam import class_activation_map
    from fmnist_core.explain.layer_taps import convolutions

    model = small_network("model.blocks.1.residual=true", "model.blocks.1.convolutions=2")
    names = [one.name for one in convolutions(model)]
    assert names == ["block1_conv1", "block2_conv1", "block2_conv2", "block3_conv1"]
    image = garments.test.images[0]
    heats = {name: class_activation_map(model, image, 2, name) for name in names}
    for heat in heats.values():
        assert heat.shape == (28, 28)
        assert 0 <= heat.min() <= heat.max() <= 1
    np.testing.assert_allclose(heats[names[-1]], class_activation_map(model, image, 2), atol=1e-5)
    # A shortcut leads around `block2_conv1`; its slopes are those through the convolution.
    assert not np.allclose(heats["block2_conv1"], heats["block2_conv2"])


def test_the_slopes_at_a_layer_tell_what_a_small_change_there_does(garments):
    import keras

    from fmnist_core.explain.gradients import class_gradients
    from fmnist_core.explain.layer_taps import layer_tap

    model = small_network("model.blocks.1.residual=true", "model.blocks.1.convolutions=2")
    tensor = layer_tap(model, "block2_conv1").output
    image = garments.test.images[5:6].astype(np.float32)[..., None]
    maps = np.asarray(keras.Model(model.input, tensor)(image))
    gradients_of = class_gradients(model, tensor)
    score, gradients = gradients_of(3, maps, image)
    place = np.unravel_index(np.abs(gradients).argmax(), gradients.shape)
    moved = maps.copy()
    moved[place] += 0.01
    changed, _ = gradients_of(3, moved, image)
    assert (changed[0] - score[0]) / 0.01 == pytest.approx(gradients[place], rel=0.02)


def test_other_weights_give_another_heat(garments):
    """Adebayo et al. 2018 (arXiv 1810.03292), section 3.1: what says nothing about the network
    would stay as it is when its weights are drawn anew, from the answer downwards.
    """
    from fmnist_core.explain.gradcam import class_activation_map
    from fmnist_core.explain.integrated_gradients import attribute
    from fmnist_core.explain.occlusion import occlude

    model, other = small_network(), small_network()
    rng = np.random.default_rng(7)
    for layer in other.layers[::-1]:
        layer.set_weights(
            [rng.permutation(part.ravel()).reshape(part.shape) for part in layer.get_weights()]
        )
    ways = [
        lambda network, image: class_activation_map(network, image, 4, "block1_conv1"),
        lambda network, image: attribute(network, image, 4).shares,
        lambda network, image: occlude(network, image, 4).loss,
    ]
    for way in ways:
        alike = [
            np.corrcoef(way(model, image).ravel(), way(other, image).ravel())[0, 1]
            for image in garments.test.images[:3]
        ]
        assert np.nanmean(np.abs(alike)) < 0.7


@pytest.mark.parametrize("network", [SHIPPED_CATALOGUE, SHIPPED_EVERYDAY])
def test_what_a_trained_network_looked_at_goes_with_its_weights(network, garments):
    """The paper's cascading randomisation, from the answer to the first layer."""
    from fmnist_core.explain.gradcam import class_activation_map
    from fmnist_core.models.features import scores

    images = garments.test.images[:8]
    model, other = shipped(network), shipped(network)
    labels = scores(model, images)[:, :10].argmax(axis=1).tolist()

    def heats(of: Any) -> list[np.ndarray]:
        return [
            class_activation_map(of, *each).ravel() for each in zip(images, labels, strict=True)
        ]

    def likeness() -> float:
        pairs = zip(heats(model), heats(other), strict=True)
        # Of a heat without any place there is nothing to be like.
        return np.mean([abs(np.corrcoef(*pair)[0, 1]) for pair in pairs if pair[1].std()])

    assert likeness() == pytest.approx(1)
    rng = np.random.default_rng(7)
    for layer in other.layers[::-1]:
        weights = [rng.permutation(part.ravel()) for part in layer.get_weights()]
        shapes = [part.shape for part in layer.get_weights()]
        layer.set_weights([part.reshape(s) for part, s in zip(weights, shapes, strict=True)])
        if layer.name in ("answer", "block3_conv1", "block2_conv1", "block1_conv1"):
            # The answer's weights alone mix maps that all lie where the garment lies.
            assert likeness() < (0.75 if layer.name == "answer" else 0.5), layer.name


@pytest.mark.parametrize("layer", ["answer", "block9_conv1"])
def test_only_convolutions_have_heat(layer):
    from fmnist_core.explain.gradcam import class_activation_map

    with pytest.raises(ConfigError):
        class_activation_map(small_network(), np.zeros((28, 28), np.uint8), 0, layer)

"""Where the network looked: against hand-made networks whose reasons are known."""

import numpy as np
import pytest

from fmnist_core.config import override
from fmnist_core.config.presets import preset

pytestmark = pytest.mark.training


def bars_network(output: str = "linear"):
    """Class 0 is told by horizontal edges, class 1 by vertical ones, class 2 by their absence."""
    import keras

    pixels = keras.Input((28, 28, 1))
    maps = keras.layers.Conv2D(2, 3, padding="same", use_bias=False, activation="relu")(pixels)
    pooled = keras.layers.MaxPooling2D(2)(maps)
    means = keras.layers.GlobalAveragePooling2D()(pooled)
    answer = keras.layers.Dense(3, activation=output)(means)
    model = keras.Model(pixels, answer)
    across = np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]], np.float32) / 255
    kernels = np.stack([across, across.T], axis=-1)[:, :, None, :]
    model.layers[1].set_weights([kernels])
    model.layers[-1].set_weights([np.array([[5, 0, -5], [0, 5, -5]], np.float32), np.zeros(3)])
    return model


def bars() -> np.ndarray:
    """A horizontal bar on the left, a vertical one on the right."""
    image = np.zeros((28, 28), np.uint8)
    image[14, 2:11] = 255
    image[6:22, 21] = 255
    return image


@pytest.mark.parametrize("output", ["linear", "softmax"])
def test_the_heat_lies_on_what_speaks_for_the_class(output):
    from fmnist_core.explain.gradcam import class_activation_map

    model = bars_network(output)
    left, right = (class_activation_map(model, bars(), label) for label in (0, 1))
    for heat, side in ((left, np.s_[:, :14]), (right, np.s_[:, 14:])):
        assert (heat.shape, heat.dtype) == ((28, 28), np.float32)
        assert heat.min() >= 0
        assert heat.max() == pytest.approx(1)
        assert heat[side].sum() > 0.8 * heat.sum()
    assert class_activation_map(model, bars(), 2).max() == 0


def test_the_heat_is_what_the_paper_says_it_is():
    """Without pooling all slopes of a map are equal, so the heat is the map itself."""
    import keras

    from fmnist_core.explain.gradcam import class_activation_map

    pixels = keras.Input((28, 28, 1))
    maps = keras.layers.Conv2D(2, 1, use_bias=False, activation="relu")(pixels)
    answer = keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(maps))
    model = keras.Model(pixels, answer)
    model.layers[1].set_weights([np.array([0.5, 2.0], np.float32).reshape(1, 1, 1, 2)])
    model.layers[-1].set_weights([np.array([[3, 0], [-1, 1]], np.float32), np.ones(2)])
    image = np.arange(784, dtype=np.uint8).reshape(28, 28)
    # Class 0: 3 * 0.5 - 1 * 2 is below zero everywhere; class 1: 2 times the pixel.
    assert class_activation_map(model, image, 0).max() == 0
    np.testing.assert_allclose(class_activation_map(model, image, 1), image / 255, atol=1e-6)


def test_the_map_is_that_after_the_shortcut_and_before_pooling():
    from fmnist_core.explain.gradcam import class_activation_map
    from fmnist_core.explain.layer_taps import convolutions
    from fmnist_core.models.build import build_model

    changes = ["model.blocks.1.residual=true", "model.blocks.1.batch_norm=true"]
    model = build_model(override(preset("quick").config, changes).model)
    maps = convolutions(model)[-1].output
    assert maps is model.get_layer("block2_conv1_relu").output
    assert class_activation_map(model, bars(), 3).shape == (28, 28)


def test_a_map_smaller_than_the_image_has_its_full_heat_too():
    from fmnist_core.explain.gradcam import class_activation_map
    from fmnist_core.models.build import build_model

    model = build_model(preset("quick").config.model)
    heats = [class_activation_map(model, bars(), label) for label in range(10)]
    peaks = [float(heat.max()) for heat in heats if heat.any()]
    assert peaks
    assert peaks == pytest.approx([1.0] * len(peaks))


def test_a_network_without_a_convolution_looks_nowhere():
    from fmnist_core.explain.gradcam import class_activation_map
    from fmnist_core.models.build import build_model

    model = build_model(override(preset("quick").config, ["model.blocks=[]"]).model)
    assert class_activation_map(model, bars(), 0) is None

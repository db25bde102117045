"""Every number of a convolution as plain arithmetic finds it, against the network's own."""

from typing import Any

import numpy as np
import pytest

from fmnist_core.config import override
from fmnist_core.config.presets import PRESETS, preset
from fmnist_core.errors import ConfigError
from fmnist_core.explain.convolution_step import ConvolutionStep, Place
from fmnist_core.runs.pretrained import SHIPPED_NETWORKS, shipped_model_path
from tests.nets import PLAIN, RESIDUAL

pytestmark = pytest.mark.training

# Beside the presets: each activation, odd maps, large steps, average pooling, uneven windows.
ODD = {
    "valid": ("padding=valid", "blocks.0.kernel=4", "blocks.0.pooling=average"),
    "strides": (
        "padding=same",
        "blocks.0.pooling=stride",
        "blocks.0.kernel=2",
        "blocks.1.residual=true",
    ),
    **{
        name: (f"blocks.0.activation={name}", "blocks.1.batch_norm=true", "head=global_max")
        for name in ("leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid")
    },
}

# The presets, and what the tests train.
NETS = {name: one.config for name, one in PRESETS.items()} | {"plain": PLAIN, "residual": RESIDUAL}


def built(name: str) -> Any:
    """A shipped network, or one whose weights and moving means are random, as none stays 0."""
    import keras

    from fmnist_core.models.build import build_model

    if name in SHIPPED_NETWORKS:
        return keras.models.load_model(shipped_model_path(name))
    changes = [f"model.{change}" for change in ODD.get(name, ())]
    config = override(NETS.get(name, preset("reference-a").config), changes)
    keras.utils.set_random_seed(7)
    model = build_model(config.model)
    rng = np.random.default_rng(7)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.2, 2, part.shape) for part in layer.get_weights()])
        elif isinstance(layer, keras.layers.Conv2D) and layer.use_bias:
            kernel, bias = layer.get_weights()
            layer.set_weights([kernel, rng.normal(0, 0.1, bias.shape)])
    return model


def picture() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (28, 28)).astype(np.uint8)


def places(layer: Any, count: int) -> list[Place]:
    """The four corners and some places in between, each of another filter."""
    height, width, filters = layer.gives
    rng = np.random.default_rng(2)
    spots = [(0, 0), (0, width - 1), (height - 1, 0), (height - 1, width - 1)]
    spots += [(int(rng.integers(height)), int(rng.integers(width))) for _ in range(count)]
    return [Place(layer.name, int(rng.integers(filters)), *spot) for spot in spots]


def pairs(step: ConvolutionStep) -> list[tuple[float, float]]:
    found = [(c.value, c.network_says) for c in step.changes if c.network_says is not None]
    if step.pooling is not None:
        found.append((step.pooling.value, step.pooling.network_says))
    return found


@pytest.mark.parametrize("name", [*NETS, *ODD, *SHIPPED_NETWORKS])
def test_the_numbers_are_the_networks_own(name):
    from fmnist_core.explain.convolution_arithmetic import convolutions, step_arithmetic

    model, image = built(name), picture()
    layers = convolutions(model)
    assert layers
    for layer in layers:
        for place in places(layer, 8):
            step = step_arithmetic(model, image, place)
            scale = float(max(np.abs(step.sums).max(), np.abs(step.results).max()))
            assert pairs(step)
            for computed, said in pairs(step):
                assert computed == pytest.approx(said, abs=1e-5 * scale), (place, step.changes)


def test_all_stages_are_there_in_their_order():
    from fmnist_core.explain.convolution_arithmetic import step_arithmetic

    step = step_arithmetic(built("residual"), picture(), Place("block2_conv2", 5, 3, 4))
    assert [change.kind for change in step.changes] == ["batch_norm", "shortcut", "activation"]
    assert (step.pooling.kind, step.pooling.window.shape) == ("max", (2, 2))
    assert step.pooling.own == (1, 0)
    assert step.pooling.value == step.pooling.window.max()
    assert step.goes_to == ("block3_conv1", "block3_shortcut")
    assert step.channel_sums.sum() == pytest.approx(step.total)


def test_whole_maps_are_pooled_too():
    from fmnist_core.explain.convolution_arithmetic import step_arithmetic

    step = step_arithmetic(built("plain"), picture(), Place("block3_conv1", 0, 6, 6))
    assert step.pooling.whole
    assert step.pooling.window.shape == (7, 7)
    assert step.pooling.winner is None


def test_beyond_the_edge_there_are_zeros():
    from fmnist_core.explain.convolution_arithmetic import step_arithmetic

    step = step_arithmetic(
        built("plain"), np.full((28, 28), 255, np.uint8), Place("block1_conv1", 0, 0, 27)
    )
    assert step.corner == (-1, 26)
    assert step.inside.tolist() == [[False] * 3, [True, True, False], [True, True, False]]
    # White is far above 0 after the network's own scaling.
    assert (step.patch[..., 0] != 0).tolist() == step.inside.tolist()


def test_the_odd_row_that_pooling_leaves_out_is_told():
    from fmnist_core.explain.convolution_arithmetic import step_arithmetic

    step = step_arithmetic(built("reference-a"), picture(), Place("block2_conv1", 0, 10, 3))
    assert step.left_out
    assert step.pooling is None
    assert not step_arithmetic(
        built("reference-a"), picture(), Place("block2_conv1", 0, 9, 3)
    ).left_out


def test_an_input_pixel_leads_to_the_window_around_it():
    from fmnist_core.explain.convolution_arithmetic import step_arithmetic

    step = step_arithmetic(built("quick"), picture(), Place("block1_conv1", 0, 2, 9))
    middle = step.corner[0] + 2, step.corner[1] + 2
    assert step.place_over(*middle) == (2, 9)
    assert step.place_over(0, 27) == (0, 13)


@pytest.mark.parametrize(
    "place",
    [
        Place("answer", 0, 0, 0),
        Place("no such layer", 0, 0, 0),
        Place("block1_conv1", 8, 0, 0),
        Place("block1_conv1", 0, 28, 0),
        Place("block1_conv1", 0, 0, -1),
    ],
)
def test_a_number_that_is_not_there_is_refused(place):
    from fmnist_core.explain.convolution_arithmetic import step_arithmetic

    with pytest.raises(ConfigError):
        step_arithmetic(built("plain"), picture(), place)


def test_a_network_of_another_make():
    """Its own bend inside the convolution, layers this lab never builds, and steps it cannot."""
    import keras

    from fmnist_core.explain.convolution_arithmetic import convolutions, step_arithmetic

    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            keras.layers.Reshape((28, 28, 1)),
            keras.layers.Conv2D(4, 3, activation="relu", name="first"),
            keras.layers.Conv2D(4, 3, dilation_rate=2, name="gaps"),
            keras.layers.Conv2D(4, (3, 1), strides=(2, 1), name="last"),
            keras.layers.SpatialDropout2D(0.5),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(10),
        ]
    )
    assert [layer.name for layer in convolutions(model)] == ["first", "last"]
    for name, kinds in (("first", ["bias", "activation"]), ("last", ["bias"])):
        step = step_arithmetic(model, picture(), Place(name, 1, 3, 2))
        assert [change.kind for change in step.changes] == kinds
        for computed, said in pairs(step):
            assert computed == pytest.approx(said, abs=1e-5 * float(np.abs(step.sums).max()))
    assert step.goes_to == ("spatial_dropout2d",)


def test_a_network_without_convolutions_has_none():
    from fmnist_core.explain.convolution_arithmetic import convolutions
    from fmnist_core.models.build import build_model

    assert convolutions(build_model(override(PLAIN, ["model.blocks=[]"]).model)) == ()

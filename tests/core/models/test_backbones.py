"""Backbones: what is told of them without Keras is what Keras builds."""

import math

import numpy as np
import pytest

from fmnist_core.config import BackboneConfig, BlockConfig, ModelConfig, RunConfig, TrainConfig
from fmnist_core.config.model import BACKBONE_NAMES, IMAGE_SIZE
from fmnist_core.config.override import override
from fmnist_core.config.presets import preset
from fmnist_core.errors import ArchitectureError, ConfigError
from fmnist_core.models import summarise
from fmnist_core.models.backbones import BACKBONES, IMAGENET
from fmnist_core.training.check import check_run

pytestmark = pytest.mark.training


def network(name: str, side: int = 32) -> ModelConfig:
    backbone = BackboneConfig(name=name, image_size=side, weights="random")
    return ModelConfig(blocks=(), backbone=backbone, head="global_average", dense=())


@pytest.mark.parametrize("name", BACKBONE_NAMES)
def test_the_table_counts_what_keras_counts(name):
    from fmnist_core.models.build import build_model

    config = network(name, 64)
    summary, model = summarise(config), build_model(config)
    row = next(row for row in summary.layers if row.kind == "backbone")
    assert model.count_params() == summary.parameters
    learning = sum(math.prod(one.shape) for one in model.trainable_weights)
    assert learning == summary.trainable_parameters
    assert row.output_shape == tuple(model.layers[-3].output.shape[1:])
    assert row.multiply_adds == multiply_adds(model)
    assert summary.activation_values == pytest.approx(values(model), rel=0.02)


def multiply_adds(model) -> int:
    """Of all layers but the answer, by their kernels and the places these are laid on."""
    import keras

    total = 0
    for layer in model.layers[:-1]:
        places = math.prod(layer.output.shape[1:3]) if len(layer.output.shape) == 4 else 1
        if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
            total += math.prod(layer.kernel.shape) * places
        elif isinstance(layer, keras.layers.BatchNormalization):
            total += math.prod(layer.output.shape[1:])
    return total


def values(model) -> int:
    return sum(math.prod(layer.output.shape[1:]) for layer in model.layers)


@pytest.mark.parametrize("name", BACKBONE_NAMES)
def test_it_sees_what_the_preprocessing_of_keras_makes_of_the_image(name):
    import keras

    from fmnist_core.models.build import build_model

    modules = {
        "vgg16": keras.applications.vgg16,
        "resnet50": keras.applications.resnet50,
        "mobilenetv2": keras.applications.mobilenet_v2,
    }
    model = build_model(network(name))
    image = np.random.default_rng(0).integers(0, 256, (1, 28, 28), np.uint8)
    seen = keras.Model(model.inputs, model.get_layer(f"{name}_scale").output)(image)
    large = keras.layers.Resizing(32, 32)(image[..., None].astype(np.float32))
    colours = np.repeat(np.asarray(large), 3, axis=-1)
    if name in modules:
        wanted = modules[name].preprocess_input(colours.copy())
    else:  # as in `keras.applications.efficientnet_v2`, whose function leaves it to the network
        wanted = (colours / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    np.testing.assert_allclose(np.asarray(seen), wanted, atol=1e-4)


def test_a_saved_one_answers_as_before(tmp_path):
    from fmnist_core.models.build import build_model, load_model

    model = build_model(network("mobilenetv2"))
    image = np.random.default_rng(0).integers(0, 256, (2, 28, 28), np.uint8)
    model.save(tmp_path / "model.keras")
    again = load_model(tmp_path / "model.keras")
    before, after = (one.predict_on_batch(image) for one in (model, again))
    np.testing.assert_allclose(after, before, atol=1e-6)


def test_zero_is_the_side_that_suits_it():
    for name, facts in BACKBONES.items():
        shape = summarise(network(name, 0)).layers[1].output_shape
        assert shape == (facts.side, facts.side, 1)


def test_every_backbone_is_known_and_has_weights():
    assert set(BACKBONE_NAMES) == set(BACKBONES) == set(IMAGENET)


def test_blocks_beside_a_backbone_contradict_it():
    with pytest.raises(ConfigError, match="replaces the blocks") as caught:
        ModelConfig(backbone=BackboneConfig(name="vgg16"), blocks=(BlockConfig(),))
    assert "Set blocks to []" in caught.value.advice


def test_a_side_too_costly_for_the_lab_is_refused_with_the_way_out():
    with pytest.raises(ArchitectureError, match="multiply-adds") as caught:
        summarise(network("vgg16", 224))
    assert "smaller side" in caught.value.advice


def test_the_command_line_sets_one_by_its_name():
    config = override(
        preset("quick").config, ["blocks=[]", "backbone=mobilenetv2", "image_size=96"]
    )
    assert config.model.backbone == BackboneConfig(name="mobilenetv2", image_size=96)
    assert config == RunConfig.from_json(config.to_json())


def test_every_side_on_the_form_can_be_built():
    for side in IMAGE_SIZE.options:
        assert summarise(network("mobilenetv2", side)).parameters > 2_000_000


def test_more_frozen_epochs_than_epochs_are_refused():
    with pytest.raises(ConfigError, match="frozen_epochs must not be more than epochs"):
        TrainConfig(epochs=3, frozen_epochs=4)
    with pytest.raises(ConfigError, match="fine_tune_factor must be"):
        TrainConfig(fine_tune_factor=0)


def test_nothing_rests_where_nothing_was_learned():
    with pytest.raises(ConfigError, match="needs pretrained weights") as caught:
        check_run(RunConfig(training=TrainConfig(frozen_epochs=2)))
    assert "initial_weights" in caught.value.advice
    with pytest.raises(ConfigError, match="needs pretrained weights"):
        check_run(RunConfig(network("mobilenetv2"), TrainConfig(frozen_epochs=2)))
    check_run(RunConfig(training=TrainConfig(frozen_epochs=2, initial_weights="shipped")))

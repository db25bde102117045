"""Which layers fit: told by arithmetic, as Keras' own shapes would tell it."""

import numpy as np
import pytest

from fmnist_core.config import BackboneConfig, BlockConfig, ModelConfig
from fmnist_core.config.presets import PRESETS
from fmnist_core.errors import ConfigError
from fmnist_core.models.plan import scale_and_offset
from fmnist_core.models.weight_matching import fit, weight_shapes

BLOCKS = (BlockConfig(filters=4, batch_norm=True), BlockConfig(filters=6, pooling="none"))
PLAIN = ModelConfig(blocks=BLOCKS, dense=(8,))
LEARNED = ModelConfig(blocks=(), dense=(8,), backbone=BackboneConfig("mobilenetv2", image_size=32))
LARGER = ModelConfig(blocks=(), dense=(9,), backbone=BackboneConfig("mobilenetv2", image_size=64))
OTHER = ModelConfig(blocks=(), dense=(8,), backbone=BackboneConfig("vgg16"))


def test_an_equal_network_fits_as_a_whole():
    found = fit(weight_shapes(PLAIN), PLAIN)
    assert found.whole
    assert found.taken == ("block1_conv1", "block1_conv1_norm", "block2_conv1", "dense1", "answer")


def test_another_last_block_leaves_those_before_it():
    wider = ModelConfig(blocks=(BLOCKS[0], BlockConfig(filters=7, pooling="none")), dense=(8,))
    found = fit(weight_shapes(PLAIN), wider)
    assert found.taken == ("block1_conv1", "block1_conv1_norm", "answer")
    assert found.fresh == ("block2_conv1", "dense1")


def test_a_backbone_fits_another_size_of_image_but_its_head_does_not():
    found = fit(weight_shapes(LEARNED), LARGER)
    assert found.taken == ("mobilenetv2",)
    assert found.fresh == ("dense1", "answer")


@pytest.mark.parametrize(
    ("given", "wanted"), [(PLAIN, LEARNED), (LEARNED, PLAIN), (OTHER, LEARNED)]
)
def test_nothing_fits_behind_another_beginning(given, wanted):
    assert fit(weight_shapes(given), wanted).taken == ()


@pytest.mark.training
@pytest.mark.parametrize("name", PRESETS)
def test_shapes_are_those_of_keras(name):
    from fmnist_core.models.build import build_model

    config = PRESETS[name].config.model
    shapes = weight_shapes(config)
    for layer in build_model(config).layers:
        if layer.name in shapes:
            assert shapes[layer.name] == tuple(tuple(one.shape) for one in layer.weights)


@pytest.mark.training
@pytest.mark.parametrize("kind", ["unit", "standard"])
def test_the_network_does_the_same(kind):
    from fmnist_core.models.build import build_model

    first = build_model(ModelConfig(normalization=kind)).get_layer("scale")
    images = np.arange(784, dtype="float32").reshape(1, 28, 28) % 256
    scale, offset = scale_and_offset(kind)
    seen = np.asarray(first(images)).reshape(1, 28, 28)
    assert seen == pytest.approx(scale * images + offset, abs=1e-5)


def test_another_kind_is_refused():
    with pytest.raises(ConfigError, match="magic"):
        scale_and_offset("magic")

import itertools

import pytest

from fmnist_core.config import BlockConfig, ModelConfig, RunConfig, TrainConfig
from fmnist_core.config.presets import PRESETS
from fmnist_core.errors import ArchitectureError, ConfigError
from fmnist_core.models import plan, summarise, training_bytes
from fmnist_core.training.check import check_run

FREE = [
    ModelConfig(
        blocks=(
            BlockConfig(8, kernel, convolutions, norm, "gelu", pooling, 0.1, residual),
            BlockConfig(12, 3, 1, not norm, "tanh", pooling, 0.0, residual),
        ),
        head=head,
        dense=(17,),
        head_dropout=0.2,
    )
    for kernel, convolutions, norm, pooling, residual, head in itertools.islice(
        itertools.product(
            (1, 4),
            (1, 2),
            (True, False),
            ("none", "max", "average", "stride"),
            (True, False),
            ("flatten", "global_average", "global_max"),
        ),
        0,
        None,
        7,
    )
]


SEPARABLE = [
    ModelConfig(
        blocks=(
            BlockConfig(8, separable=True),
            BlockConfig(12, 3, 2, batch_norm=norm, pooling=pooling, residual=True, separable=True),
        ),
        dense=(),
    )
    for norm, pooling in ((True, "stride"), (False, "max"))
]


@pytest.mark.training
@pytest.mark.parametrize(
    "config",
    [
        *SEPARABLE,
        *(preset.config.model for preset in PRESETS.values()),
        *FREE,
        ModelConfig(blocks=()),
    ],
)
def test_shapes_and_parameters_are_those_of_keras(config):
    from fmnist_core.models.build import build_model

    model, summary = build_model(config), summarise(config)
    assert summary.parameters == model.count_params()
    trainable = sum(int(weights.size) for weights in (v.numpy() for v in model.trainable_weights))
    assert summary.trainable_parameters == trainable
    for layer in plan(config):
        assert model.get_layer(layer.name).output.shape[1:] == layer.shape


def test_multiply_adds_of_a_known_network():
    # 3x3x1x32 at 26x26, 3x3x32x64 at 11x11, 3x3x64x64 at 3x3, 576x64, 64x10.
    by_hand = 9 * 32 * 676 + 9 * 32 * 64 * 121 + 9 * 64 * 64 * 9 + 576 * 64 + 640
    assert summarise(PRESETS["reference-a"].config.model).multiply_adds == by_hand


def test_separable_multiply_adds():
    blocks = (BlockConfig(8), BlockConfig(16, separable=True, pooling="stride"))
    config = ModelConfig(blocks=blocks, dense=(), head="global_average")
    # 3x3x1x8 at 28x28; then at 7x7 3x3 for each of 8 channels, and 8x16.
    by_hand = 9 * 8 * 784 + 9 * 8 * 49 + 8 * 16 * 49 + 160
    assert summarise(config).multiply_adds == by_hand


def test_tiny_is_tiny():
    assert summarise(PRESETS["tiny"].config.model).parameters < 10_000


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (ModelConfig(blocks=(BlockConfig(),) * 5, padding="valid"), "shrinks to nothing"),
        (ModelConfig(blocks=(BlockConfig(),) * 6), "shrinks to nothing"),
        (ModelConfig(blocks=(BlockConfig(residual=True),), padding="valid"), "shortcut"),
        (ModelConfig(blocks=(), dense=(4096,) * 4), "30,000,000 parameters"),
        (
            ModelConfig(blocks=(BlockConfig(256, 5, 4, pooling="none"),), head="global_average"),
            "multiply-adds",
        ),
    ],
)
def test_an_impossible_network_is_refused_with_the_reason(config, said):
    with pytest.raises(ArchitectureError, match=said):
        summarise(config)


def test_a_batch_that_does_not_fit_in_memory_is_refused():
    model = ModelConfig(blocks=(BlockConfig(128, pooling="none"),), head="global_average")
    assert training_bytes(summarise(model), 64) < 1e9
    with pytest.raises(ArchitectureError, match="smaller batches"):
        check_run(RunConfig(model=model, training=TrainConfig(batch_size=8192)))


def test_more_classes_than_the_data_has_are_refused():
    with pytest.raises(ConfigError, match="classes must be 10"):
        check_run(RunConfig(model=ModelConfig(classes=11)))


@pytest.mark.parametrize(
    "training",
    [
        TrainConfig(dataset="synthetic-garments", train_images=12_001),
        TrainConfig(train_images=20, validation_share=0.02),
    ],
)
def test_images_that_are_not_there_are_refused_before_anything_starts(training):
    with pytest.raises(ConfigError, match="images"):
        check_run(RunConfig(training=training))

"""Named configurations, as data. Each says what it is for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fmnist_core.config import (
    AugmentationConfig,
    BlockConfig,
    ModelConfig,
    RunConfig,
    ScheduleConfig,
    StyleAugmentationConfig,
    TrainConfig,
)
from fmnist_core.config.jsonform import unknown_key


@dataclass(frozen=True)
class Preset:
    """A configuration with a title and one line on what it is for."""

    name: str
    title: str
    purpose: str
    config: RunConfig


def _preset(
    name: str, title: str, purpose: str, model: ModelConfig, training: TrainConfig
) -> Preset:
    return Preset(name, title, purpose, RunConfig(model=model, training=training, preset=name))


def _normed(filters: int, convolutions: int = 1, pooling: str = "none") -> BlockConfig:
    return BlockConfig(filters=filters, convolutions=convolutions, batch_norm=True, pooling=pooling)


def _shortcut(filters: int, pooling: str = "none", *, separable: bool = False) -> BlockConfig:
    """Two convolutions and a shortcut past them."""
    return replace(_normed(filters, 2, pooling), residual=True, separable=separable)


def _pooled(*blocks: BlockConfig, head_dropout: float = 0.0) -> ModelConfig:
    return ModelConfig(
        blocks=blocks,
        head="global_average",
        dense=(),
        head_dropout=head_dropout,
        normalization="standard",
    )


# What all the lab's own recipes share: steps as large as they may be, going down to nothing.
_STEPS = TrainConfig(
    optimizer="sgd",
    learning_rate=0.1,
    # Keras takes it off the weights themselves: 0.0005 in the books, with this momentum.
    weight_decay=0.005,
    label_smoothing=0.05,
    batch_size=128,
    schedule=ScheduleConfig(kind="one_cycle", peak_share=0.25),
    keep_weights="last",
)

# Channels in multiples of 16: others are slow in bfloat16, and very slow beside other work.
_QUICK = _preset(
    "quick",
    "Quick",
    "90% accuracy in under a minute.",
    ModelConfig(
        blocks=(
            BlockConfig(filters=16, kernel=5, pooling="stride", batch_norm=True),
            BlockConfig(filters=48, kernel=3, pooling="stride", batch_norm=True),
        ),
        dense=(96,),
        normalization="standard",
    ),
    replace(_STEPS, epochs=3),
)

# Few channels, but at full size: of all that was tried, what sees every pixel learns most in little
# time.
_STRONG = _preset(
    "strong",
    "Strong",
    "Over 93% accuracy, residual blocks.",
    _pooled(_normed(16), _shortcut(16, "max"), _shortcut(32, "max"), _shortcut(64), _shortcut(64)),
    replace(
        _STEPS,
        epochs=6,
        weight_decay=0.01,
        augmentation=AugmentationConfig(flip=True),
    ),
)

_LESSON = _preset(
    "lesson",
    "Lesson",
    "Highest accuracy within a lesson.",
    _pooled(_normed(16), _shortcut(16, "max"), _shortcut(32, "max"), _shortcut(64), _shortcut(96)),
    replace(
        _STEPS,
        epochs=14,
        schedule=ScheduleConfig(kind="one_cycle", peak_share=0.2, final_factor=0.001),
        augmentation=AugmentationConfig(flip=True, erase=0.25),
    ),
)

_BEST = _preset(
    "best",
    "Best",
    "The highest accuracy: the shipped network for catalog images.",
    _pooled(
        _normed(32),
        _shortcut(32, "max"),
        _shortcut(64),
        _shortcut(64, "max"),
        _shortcut(128),
        _shortcut(128),
        head_dropout=0.1,
    ),
    replace(
        _STEPS,
        epochs=90,
        validation_share=0.05,
        schedule=ScheduleConfig(kind="one_cycle", peak_share=0.2, final_factor=0.001),
        augmentation=AugmentationConfig(flip=True, shift=2, erase=0.5),
        ema_decay=0.999,
        test_time_flip=True,
    ),
)

_SMALL = _preset(
    "small",
    "Small",
    "Fewer than 100,000 parameters, trained for 60 epochs.",
    _pooled(_normed(16), _shortcut(16, "max"), _shortcut(32), _shortcut(32, "max"), _shortcut(64)),
    replace(
        _STEPS,
        epochs=60,
        schedule=ScheduleConfig(kind="one_cycle", peak_share=0.2, final_factor=0.001),
        augmentation=AugmentationConfig(flip=True, shift=1, erase=0.25),
    ),
)

_TINY = _preset(
    "tiny",
    "Tiny",
    "Fewer than 10,000 parameters, separable convolutions.",
    _pooled(
        _normed(16),
        _shortcut(16, "max", separable=True),
        _shortcut(32, "max", separable=True),
        replace(_normed(48, 2), separable=True),
    ),
    replace(
        _STEPS,
        weight_decay=0.002,
        label_smoothing=0.0,
        epochs=30,
        augmentation=AugmentationConfig(flip=True),
    ),
)

# So few that none may be wasted: separable convolutions, and a mean over the last maps for a head.
_MICRO = _preset(
    "micro",
    "Micro",
    "Fewer than 1,000 parameters, separable convolutions.",
    _pooled(
        replace(_normed(8, pooling="max"), kernel=5),
        replace(_normed(12, pooling="max"), separable=True),
        replace(_normed(16), separable=True),
    ),
    replace(_TINY.config.training, weight_decay=0.0, epochs=40),
)

# The recipe of the TensorFlow tutorial "Convolutional Neural Network (CNN)", which holds no
# validation images back: all 60 000 are trained on, and the last weights count.
_REFERENCE_A = _preset(
    "reference-a",
    "Reference A",
    "The TensorFlow CNN tutorial, as a baseline.",
    ModelConfig(
        blocks=(
            BlockConfig(filters=32),
            BlockConfig(filters=64),
            BlockConfig(filters=64, pooling="none"),
        ),
        padding="valid",
        dense=(64,),
    ),
    TrainConfig(batch_size=32, epochs=10, validation_share=0.0, keep_weights="last"),
)

_REFERENCE_B = _preset(
    "reference-b",
    "Reference B",
    "A common course network with dropout, as a baseline.",
    ModelConfig(
        blocks=(BlockConfig(filters=32), BlockConfig(filters=64), BlockConfig(filters=128)),
        padding="valid",
        dense=(128,),
        head_dropout=0.5,
        output="softmax",
    ),
    TrainConfig(batch_size=32, epochs=10, validation_share=0.1, keep_weights="last"),
)

# The recipe of the shipped model. With the collections of drawings and photos named in its card
# (`--set collections=...`) it recognises more of what people draw and photograph.
_EVERYDAY = _preset(
    "everyday",
    "Everyday",
    "For drawings and photos: the recipe of the shipped network.",
    ModelConfig(
        input_side=56,
        blocks=(
            BlockConfig(filters=16, kernel=5, batch_norm=True, pooling="stride"),
            BlockConfig(filters=40, batch_norm=True),
            BlockConfig(filters=80, convolutions=2, batch_norm=True, residual=True),
            BlockConfig(
                filters=160, convolutions=2, batch_norm=True, pooling="none", residual=True
            ),
        ),
        head="global_average",
        dense=(),
        head_dropout=0.15,
        normalization="standard",
        other_clothing=True,
    ),
    TrainConfig(
        optimizer="adamw",
        learning_rate=4e-3,
        weight_decay=0.03,
        label_smoothing=0.03,
        batch_size=256,
        epochs=40,
        validation_share=0.05,
        keep_weights="last",
        schedule=ScheduleConfig(kind="one_cycle", peak_share=0.25),
        augmentation=AugmentationConfig(flip=True, shift=2, erase=0.25),
        collection_share=0.14,
        style_augmentation=StyleAugmentationConfig(
            line_drawings=0.2,
            silhouettes=0.06,
            textures=0.07,
            background_clutter=0.07,
            inverted=0.1,
            distortion=0.5,
            synthetic_sketches=0.14,
            other_clothing=0.06,
            negatives=0.16,
        ),
    ),
)

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        _QUICK,
        _STRONG,
        _LESSON,
        _BEST,
        _SMALL,
        _TINY,
        _MICRO,
        _EVERYDAY,
        _REFERENCE_A,
        _REFERENCE_B,
    )
}


def preset(name: str) -> Preset:
    """The preset called `name`.

    Raises:
        ConfigError: There is no such preset; the nearest name is suggested.
    """
    if name not in PRESETS:
        raise unknown_key(name, list(PRESETS))
    return PRESETS[name]

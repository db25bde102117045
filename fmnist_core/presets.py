"""Named configurations, as data. Each says what it is for."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.config import (
    AugmentationConfig,
    BlockConfig,
    ModelConfig,
    RunConfig,
    ScheduleConfig,
    StyleConfig,
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


_QUICK = _preset(
    "quick",
    "Quick",
    "A good result while the class is watching.",
    ModelConfig(
        blocks=(
            BlockConfig(filters=24, kernel=5, pooling="stride", batch_norm=True),
            BlockConfig(filters=48, kernel=3, pooling="stride", batch_norm=True),
        ),
        dense=(96,),
        normalisation="standard",
    ),
    TrainConfig(
        learning_rate=4e-3,
        batch_size=128,
        epochs=4,
        schedule=ScheduleConfig(kind="one_cycle", peak_share=0.25),
        keep_weights="last",
    ),
)

_TINY = _preset(
    "tiny",
    "Tiny",
    "Fewer than 10 000 parameters: how little is enough?",
    ModelConfig(
        blocks=(
            BlockConfig(filters=8, batch_norm=True),
            BlockConfig(filters=16, batch_norm=True),
            BlockConfig(filters=32, batch_norm=True, pooling="none"),
        ),
        head="global_average",
        dense=(),
        normalisation="standard",
    ),
    TrainConfig(
        learning_rate=5e-3,
        batch_size=64,
        epochs=8,
        schedule=ScheduleConfig(kind="one_cycle"),
    ),
)

_RESIDUAL = _preset(
    "residual",
    "Residual",
    "Shortcuts and batch normalisation: the most accurate here, and the slowest.",
    ModelConfig(
        blocks=(
            BlockConfig(filters=32, convolutions=1, batch_norm=True, pooling="max"),
            BlockConfig(filters=64, convolutions=2, batch_norm=True, pooling="max", residual=True),
            BlockConfig(
                filters=128, convolutions=2, batch_norm=True, pooling="none", residual=True
            ),
        ),
        head="global_average",
        dense=(),
        head_dropout=0.2,
        normalisation="standard",
    ),
    TrainConfig(
        optimizer="adamw",
        learning_rate=4e-3,
        weight_decay=0.02,
        label_smoothing=0.05,
        batch_size=128,
        epochs=12,
        schedule=ScheduleConfig(kind="one_cycle"),
        augmentation=AugmentationConfig(flip=True, shift=2),
    ),
)

# The recipe of the TensorFlow tutorial "Convolutional Neural Network (CNN)", which holds no
# validation images back: all 60 000 are trained on, and the last weights count.
_REFERENCE_A = _preset(
    "reference-a",
    "Reference A",
    "The recipe of the best-known tutorial, to compare with.",
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
    "The other recipe that many courses use, with dropout.",
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
    "Recognises what people draw, upload and photograph: the recipe of the shipped model.",
    ModelConfig(
        blocks=(
            BlockConfig(filters=40, batch_norm=True),
            BlockConfig(filters=80, convolutions=2, batch_norm=True, residual=True),
            BlockConfig(
                filters=160, convolutions=2, batch_norm=True, pooling="none", residual=True
            ),
        ),
        head="global_average",
        dense=(),
        head_dropout=0.15,
        normalisation="standard",
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
        style=StyleConfig(
            lines=0.2,
            silhouettes=0.06,
            textures=0.07,
            backgrounds=0.07,
            inverted=0.1,
            distortion=0.5,
            garments=0.14,
            other=0.16,
        ),
    ),
)

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (_QUICK, _TINY, _RESIDUAL, _EVERYDAY, _REFERENCE_A, _REFERENCE_B)
}


def preset(name: str) -> Preset:
    """The preset called `name`.

    Raises:
        ConfigError: There is no such preset; the nearest name is suggested.
    """
    if name not in PRESETS:
        raise unknown_key(name, list(PRESETS))
    return PRESETS[name]

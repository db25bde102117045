"""Networks that the tests train: plain, small, and quick to learn something.

All in float32, so that they do the same on every processor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fmnist_core.config import (
    AugmentationConfig,
    BlockConfig,
    ModelConfig,
    RunConfig,
    ScheduleConfig,
    TrainConfig,
)

if TYPE_CHECKING:
    from fmnist_core.training import TrainResult


def train(*args: Any, **options: Any) -> TrainResult:
    """`fmnist_core.training.train`, which loads TensorFlow: not before a test needs it."""
    from fmnist_core import training

    return training.train(*args, **options)


PLAIN = RunConfig(
    model=ModelConfig(
        blocks=(
            BlockConfig(filters=8, batch_norm=True),
            BlockConfig(filters=16, batch_norm=True),
            BlockConfig(filters=32, batch_norm=True, pooling="none"),
        ),
        head="global_average",
        dense=(),
        normalization="standard",
    ),
    training=TrainConfig(
        precision="float32",
        learning_rate=5e-3,
        batch_size=64,
        epochs=8,
        schedule=ScheduleConfig(kind="one_cycle"),
    ),
)

# With shortcuts past its later convolutions.
RESIDUAL = RunConfig(
    model=ModelConfig(
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
        normalization="standard",
    ),
    training=TrainConfig(
        precision="float32",
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

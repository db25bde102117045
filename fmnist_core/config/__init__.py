"""Typed, frozen configurations that validate themselves where they are made."""

from fmnist_core.config.jsonform import flatten
from fmnist_core.config.model import (
    IMPORTED,
    BackboneConfig,
    BlockConfig,
    ImportedConfig,
    ModelConfig,
)
from fmnist_core.config.override import override
from fmnist_core.config.run import MOST_SEEDS, RunConfig, with_seeds
from fmnist_core.config.training import (
    AugmentationConfig,
    ClassHoldoutConfig,
    ClassWeightsConfig,
    DistillationConfig,
    ScheduleConfig,
    StyleAugmentationConfig,
    TrainConfig,
)

__all__ = [
    "IMPORTED",
    "MOST_SEEDS",
    "AugmentationConfig",
    "BackboneConfig",
    "BlockConfig",
    "ClassHoldoutConfig",
    "ClassWeightsConfig",
    "DistillationConfig",
    "ImportedConfig",
    "ModelConfig",
    "RunConfig",
    "ScheduleConfig",
    "StyleAugmentationConfig",
    "TrainConfig",
    "flatten",
    "override",
    "with_seeds",
]

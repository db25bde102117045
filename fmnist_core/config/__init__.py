"""Typed, frozen configurations that validate themselves where they are made."""

from fmnist_core.config.backbone import BackboneConfig
from fmnist_core.config.emphasis import EmphasisConfig
from fmnist_core.config.imported import IMPORTED, ImportedConfig
from fmnist_core.config.jsonform import flatten
from fmnist_core.config.model import BlockConfig, ModelConfig
from fmnist_core.config.override import override
from fmnist_core.config.run import RunConfig
from fmnist_core.config.seeds import MOST_SEEDS, with_seeds
from fmnist_core.config.style import StyleConfig
from fmnist_core.config.teacher import TeacherConfig
from fmnist_core.config.training import AugmentationConfig, ScheduleConfig, TrainConfig

__all__ = [
    "IMPORTED",
    "MOST_SEEDS",
    "AugmentationConfig",
    "BackboneConfig",
    "BlockConfig",
    "EmphasisConfig",
    "ImportedConfig",
    "ModelConfig",
    "RunConfig",
    "ScheduleConfig",
    "StyleConfig",
    "TeacherConfig",
    "TrainConfig",
    "flatten",
    "override",
    "with_seeds",
]

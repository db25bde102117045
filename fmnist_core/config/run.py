"""Configuration of a whole run: network, training, data and seed; and the same with several seeds.

It is saved with every run and sent to workers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, reduce
from itertools import count as counting
from operator import getitem
from typing import Any

from fmnist_core.config.jsonform import from_json, to_json
from fmnist_core.config.migration import first_names, present_names
from fmnist_core.config.model import ModelConfig
from fmnist_core.config.rules import Text, Whole, check_fields, ruled
from fmnist_core.config.training import TrainConfig
from fmnist_core.errors import ConfigError, shown

# More would keep a lab busy for days and hardly narrow the interval.
MOST_SEEDS = 30

SEED_COUNT = Whole(1, MOST_SEEDS)


# Fields that came after fingerprints were first saved: with their defaults they leave them as they
# were.
ADDED = (
    "training.class_holdout",
    "training.style_augmentation.other_clothing",
    "training.augmentation.alternating_flip",
    "training.whitened_first_layer",
    "training.dirac_initialization",
    "model.input_side",
    "model.other_clothing",
)


@dataclass(frozen=True)
class RunConfig:
    """Configuration of one run; equal configurations give equal trainings."""

    model: ModelConfig = field(default_factory=ModelConfig, metadata={"label": "Network"})
    training: TrainConfig = field(default_factory=TrainConfig, metadata={"label": "Training"})
    preset: str = ruled("", Text(60), "The preset it started from; empty for none.", label="Preset")

    def __post_init__(self) -> None:
        check_fields(self)
        if not isinstance(self.model, ModelConfig):
            raise ConfigError("model must be a ModelConfig.", received=shown(self.model))
        if not isinstance(self.training, TrainConfig):
            raise ConfigError("training must be a TrainConfig.", received=shown(self.training))

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries, lists, numbers and strings."""
        return to_json(self)

    @classmethod
    def from_json(cls, value: Any) -> RunConfig:
        """The inverse of `to_json`; names of version 0.1 are read too.

        Raises:
            ConfigError: An unknown key, a value out of its range, or a setting given twice.
        """
        return from_json(cls, present_names(value))

    @cached_property
    def fingerprint(self) -> str:
        """The same for equal configurations, 16 hexadecimal digits.

        Of the names of version 0.1, so that runs that it queued are known by theirs.
        """
        value = self.to_json()
        for path in ADDED:
            *parents, name = path.split(".")
            here, default = (reduce(getitem, parents, form) for form in (value, _defaults()))
            if here[name] == default[name]:
                del here[name]
        canonical = json.dumps(first_names(value), sort_keys=True).encode()
        return hashlib.sha256(canonical).hexdigest()[:16]

    @cached_property
    def recipe(self) -> str:
        """The same for configurations that differ in the seed and the preset's name at most."""
        return replace(self, preset="", training=replace(self.training, seed=0)).fingerprint


@cache
def _defaults() -> dict[str, Any]:
    return RunConfig().to_json()


def with_seeds(config: RunConfig, seeds: int, taken: Collection[int] = ()) -> tuple[RunConfig, ...]:
    """The configuration with consecutive seeds from its own on.

    Args:
        seeds: How many, 1 to `MOST_SEEDS`.
        taken: Seeds to pass over.

    Raises:
        ConfigError: Another number, or the seeds would go past the largest there is.
    """
    wanted = SEED_COUNT.check("The number of seeds", seeds)
    free = (seed for seed in counting(config.training.seed) if seed not in taken)
    return tuple(_with_seed(config, next(free)) for _ in range(wanted))


def _with_seed(config: RunConfig, seed: int) -> RunConfig:
    return replace(config, training=replace(config.training, seed=seed))

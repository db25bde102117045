"""One configuration with several seeds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import count as counting

from fmnist_core.config.rules import Whole
from fmnist_core.config.run import RunConfig

# More would keep a lab busy for days and hardly narrow the interval.
MOST_SEEDS = 30
SEED_COUNT = Whole(1, MOST_SEEDS)


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

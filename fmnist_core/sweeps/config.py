"""What a sweep tries: a configuration to begin with, what of it varies, and how it is searched."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from fmnist_core.config import RunConfig, override
from fmnist_core.config.jsonform import from_json, to_json
from fmnist_core.config.override import resolve, rule_at, value_at
from fmnist_core.config.rules import Flag, OneOf, Whole, check_fields, ruled
from fmnist_core.errors import ConfigError, shown
from fmnist_core.sweeps.dimension import DimensionConfig

MOST_TRIALS = 200
MOST_DIMENSIONS = 8
MOST_EPOCHS = 1000
GRID, GUIDED = "grid", "guided"

# They change which images the trials are judged on, and so could not be compared.
NEVER_VARY = (
    "training.dataset",
    "training.train_images",
    "training.validation_share",
    "training.seed",
    "preset",
)

Values = dict[str, Any]


@dataclass(frozen=True)
class SweepConfig:
    """Configuration of one sweep; `dimensions` are checked against `base`."""

    base: RunConfig = field(default_factory=RunConfig)
    dimensions: tuple[DimensionConfig, ...] = ()
    method: str = ruled(
        GUIDED, OneOf(GUIDED, GRID), "Look where it was good so far, or try all combinations."
    )
    trials: int = ruled(12, Whole(1, MOST_TRIALS), "How many runs a guided search makes at most.")
    pruning: bool = ruled(True, Flag(), "Stop runs early that lag behind the others.")
    epochs: int = ruled(0, Whole(0, MOST_EPOCHS), "Epochs of each run; 0: as many as the base has.")
    seed: int = ruled(0, Whole(0, 2**32 - 1), "Start of the search's random numbers.")

    def __post_init__(self) -> None:
        check_fields(self)
        if not isinstance(self.base, RunConfig):
            raise ConfigError("base must be a RunConfig.", received=shown(self.base))
        object.__setattr__(self, "dimensions", _checked(self.base, self.dimensions))
        if not self.base.training.validation_share:
            raise ConfigError(
                "A sweep chooses by images held back, and this configuration holds none back.",
                advice="Set validation_share above 0, such as 0.1.",
            )
        self._check_size()

    def _check_size(self) -> None:
        sizes = [len(dimension.grid_values) for dimension in self.dimensions]
        if self.method == GRID and math.prod(sizes) > MOST_TRIALS:
            raise ConfigError(
                f"A grid may have at most {MOST_TRIALS} combinations.",
                received=f"{' × '.join(map(str, sizes))} = {math.prod(sizes):,}",
                advice="Take fewer values, or search guided.",
            )

    @property
    def total(self) -> int:
        """How many trials it will make."""
        if self.method == GRID:
            return math.prod(len(dimension.grid_values) for dimension in self.dimensions)
        return int(min(self.trials, math.prod(dimension.count for dimension in self.dimensions)))

    @property
    def epochs_of_a_run(self) -> int:
        return self.epochs or self.base.training.epochs

    def grid(self) -> Iterator[Values]:
        """All combinations of the grid, the last dimension moving first."""
        yield from self._combinations([one.grid_values for one in self.dimensions])

    def everything(self) -> Iterator[Values]:
        """All combinations there are; only where every dimension is finite."""
        yield from self._combinations([one.all_values for one in self.dimensions])

    def _combinations(self, values: list[tuple[Any, ...]]) -> Iterator[Values]:
        for combination in product(*values):
            yield {
                one.field: value for one, value in zip(self.dimensions, combination, strict=True)
            }

    @property
    def base_values(self) -> Values | None:
        """What the base itself has in the dimensions; None where it lies outside of them."""
        values = {one.field: value_at(self.base, one.field) for one in self.dimensions}
        inside = all(one.contains(values[one.field]) for one in self.dimensions)
        return values if inside else None

    def run_config(self, values: Mapping[str, Any]) -> RunConfig:
        """The configuration of one trial.

        Raises:
            ConfigError: The values do not go together.
        """
        changes = {"training.epochs": self.epochs_of_a_run, **values}
        return override(self.base, [f"{path}={json.dumps(v)}" for path, v in changes.items()])

    def longer(self, values: Mapping[str, Any]) -> RunConfig:
        """The same settings, trained as long as the base is and at least twice as long as here.

        Raises:
            ConfigError: The values do not go together.
        """
        here = self.run_config(values).training.epochs
        wanted = min(MOST_EPOCHS, max(self.base.training.epochs, 2 * here))
        return override(self.run_config(values), [f"training.epochs={wanted}"])

    def to_json(self) -> dict[str, Any]:
        return to_json(self)

    @classmethod
    def from_json(cls, value: Any) -> SweepConfig:
        """The inverse of `to_json`.

        Raises:
            ConfigError: An unknown key, or a value out of its range.
        """
        return from_json(cls, value)


def _checked(base: RunConfig, dimensions: Any) -> tuple[DimensionConfig, ...]:
    if not isinstance(dimensions, (list, tuple)) or not 1 <= len(dimensions) <= MOST_DIMENSIONS:
        raise ConfigError(
            f"From one to {MOST_DIMENSIONS} settings may vary.",
            received=len(dimensions)
            if isinstance(dimensions, (list, tuple))
            else shown(dimensions),
        )
    found = tuple(_fitted(base, one) for one in dimensions)
    fields = [one.field for one in found]
    for path in fields:
        if fields.count(path) > 1:
            raise ConfigError("A setting varies only once.", received=path)
    return found


def _fitted(base: RunConfig, dimension: Any) -> DimensionConfig:
    if not isinstance(dimension, DimensionConfig):
        raise ConfigError(
            "Each of dimensions must be a DimensionConfig.", received=shown(dimension)
        )
    path = resolve(base, dimension.field)
    if path in NEVER_VARY:
        raise ConfigError(
            "This setting cannot vary: the runs would be judged on different images.",
            received=path,
            advice="Set it for all of them alike.",
        )
    return replace(dimension, field=path).checked(path, rule_at(base, path))

"""Configuration of a sweep: base configuration, search space, search method, and their notation.

The command line writes a dimension as `learning_rate=1e-4..1e-2:log:5`; for a form, it is suggested
around the value that the base configuration has.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from fmnist_core.config import RunConfig, override
from fmnist_core.config.jsonform import from_json, to_json
from fmnist_core.config.migration import present_names
from fmnist_core.config.override import resolve, rule_at, ruled_paths, typed_value, value_at
from fmnist_core.config.rules import (
    Flag,
    Number,
    OneOf,
    OneOfWholes,
    Text,
    Whole,
    Wholes,
    check_fields,
    ruled,
    typed_whole,
)
from fmnist_core.errors import ConfigError, shown

# What nearly every network gains or loses most by.
FIRST_FIELDS = ("training.learning_rate", "training.batch_size")

_OFFERED = (Flag, Number, OneOf, OneOfWholes, Whole, Wholes)

# Test-time augmentation changes neither the training nor the curve that trials are compared by.
_OF_NO_USE = (
    *("model.classes", "model.output", "training.record_dynamics", "training.epochs"),
    *("training.test_time_flip", "training.tensorboard", "training.mlflow"),
    # Without a backbone it says nothing.
    "model.backbone.image_size",
)

# Where the setting is 0, which says nothing about how much of it could help.
_UPTO = {
    "label_smoothing": 0.1,
    "weight_decay": 0.05,
    "shift": 3.0,
    "rotate": 15.0,
    "zoom": 0.15,
    "warmup_epochs": 2.0,
}

_SHARE_OF_ALL = 0.5

_LOG_SCALE = ("learning_rate",)

_FORMS = (
    "Write FIELD=LOW..HIGH, FIELD=LOW..HIGH:log, FIELD=LOW..HIGH:5 (five values in a grid) "
    "or FIELD=A,B,C."
)

_MOST_CHOICES = 50


@dataclass(frozen=True)
class DimensionConfig:
    """A setting, and what it may be: `choices`, or all from `low` to `high`."""

    field: str = ruled("", Text(80), "Which setting varies, as `--set` names it.", label="Setting")
    low: Any = None
    high: Any = None
    log: bool = ruled(
        False,
        Flag(),
        "Sample on a log scale: equal ratios instead of equal differences.",
        label="Log scale",
    )
    steps: int = ruled(
        4, Whole(2, _MOST_CHOICES), "Number of values of a range in a grid search.", label="Values"
    )
    choices: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        check_fields(self)
        if not isinstance(self.choices, (list, tuple)) or len(self.choices) > _MOST_CHOICES:
            raise self._error(f"has a list of at most {_MOST_CHOICES} values", self.choices)
        object.__setattr__(self, "choices", tuple(map(_frozen, self.choices)))

    @property
    def is_range(self) -> bool:
        return not self.choices

    def checked(self, path: str, rule: Any) -> DimensionConfig:
        """The same with its whole path and its values in the types that the field's rule gives.

        Raises:
            ConfigError: An end or a value breaks the rule, or there is nothing to choose from.
        """
        if self.choices:
            return self._with_choices(path, rule)
        if self.low is None or self.high is None:
            raise self._error("needs two ends or some values to try")
        if not isinstance(rule, (Whole, Number)):
            raise self._error("has no range", advice="Name the values to try.")
        low, high = rule.check(path, self.low), rule.check(path, self.high)
        if low >= high:
            raise self._error("needs a range whose low end is below its high end", f"{low}..{high}")
        if self.log and low <= 0:
            raise self._error(
                "cannot have a log scale from 0 on",
                f"{low}..{high}",
                "Start above 0, or turn off the log scale.",
            )
        return replace(self, field=path, low=low, high=high)

    def _with_choices(self, path: str, rule: Any) -> DimensionConfig:
        if self.low is not None or self.high is not None or self.log:
            raise self._error("has either a range or values, not both")
        values = [_frozen(rule.check(path, value)) for value in self.choices]
        different = list(dict.fromkeys(values))
        if len(different) < 2:
            raise self._error("needs at least two different values", ", ".join(map(str, values)))
        ordered = sorted(different) if _are_numbers(different) else different
        return replace(self, field=path, choices=tuple(ordered))

    def _error(self, what: str, received: object = None, advice: str = "") -> ConfigError:
        return ConfigError(f"What varies, {self.field}, {what}.", received=received, advice=advice)

    @property
    def whole(self) -> bool:
        """Whether a range of whole numbers only."""
        return isinstance(self.low, int)

    @property
    def count(self) -> float:
        """The number of values; infinity for a range of real numbers."""
        if self.choices:
            return len(self.choices)
        return self.high - self.low + 1 if self.whole else math.inf

    @property
    def all_values(self) -> tuple[Any, ...]:
        """Every value; only where `count` is finite."""
        return self.choices or tuple(range(self.low, self.high + 1))

    @property
    def grid_values(self) -> tuple[Any, ...]:
        """The values of a grid, rising: all choices, or `steps` values with both ends."""
        if self.choices:
            return self.choices
        shares = [step / (self.steps - 1) for step in range(self.steps)]
        return tuple(dict.fromkeys(self.value_at(share) for share in shares))

    def value_at(self, share: float) -> Any:
        """The value at `share` (0 to 1) of the way from the low end to the high one."""
        if share in (0, 1):
            return (self.low, self.high)[int(share)]
        if self.log:
            return self.tidy(self.low * (self.high / self.low) ** share)
        return self.tidy(self.low + (self.high - self.low) * share)

    def tidy(self, value: float) -> Any:
        """Whole where it must be, else four digits: more cannot matter and is hard to read."""
        if self.whole:
            return round(value)
        return min(max(float(f"{value:.4g}"), self.low), self.high)

    def contains(self, value: Any) -> bool:
        if self.choices:
            return _frozen(value) in self.choices
        return bool(self.low <= value <= self.high)

    @property
    def ordered(self) -> bool:
        """Whether more and less mean something: a range, or numbers to choose from."""
        return self.is_range or _are_numbers(self.choices)


MOST_TRIALS = 200
MOST_DIMENSIONS = 8
MOST_EPOCHS = 1000
GRID, GUIDED = "grid", "guided"

# They change the validation images, so trials could not be compared.
NEVER_VARY = (
    "training.dataset",
    "training.train_images",
    "training.validation_share",
    "training.seed",
    "training.class_holdout.images",
    "training.class_holdout.split_seed",
    "preset",
)

Values = dict[str, Any]


@dataclass(frozen=True)
class SweepConfig:
    """Configuration of one sweep; `dimensions` are checked against `base`."""

    base: RunConfig = field(default_factory=RunConfig)
    dimensions: tuple[DimensionConfig, ...] = ()
    method: str = ruled(
        GUIDED,
        OneOf(GUIDED, GRID, labels={GUIDED: "Guided search", GRID: "Grid search"}),
        "Guided search tries values near the best so far (Optuna, TPE). Grid search tries all "
        "combinations.",
        label="Search",
    )
    trials: int = ruled(
        12, Whole(1, MOST_TRIALS), "Maximum number of trials of a guided search.", label="Trials"
    )
    pruning: bool = ruled(
        True,
        Flag(),
        "Stop a trial below the median accuracy of the finished trials at the same epoch.",
        label="Early pruning",
    )
    epochs: int = ruled(
        0,
        Whole(0, MOST_EPOCHS),
        "Epochs per trial; 0: as in the base configuration.",
        label="Epochs",
    )
    seed: int = ruled(0, Whole(0, 2**32 - 1), "Seed of the search.", label="Seed")

    def __post_init__(self) -> None:
        check_fields(self)
        if not isinstance(self.base, RunConfig):
            raise ConfigError("base must be a RunConfig.", received=shown(self.base))
        object.__setattr__(self, "dimensions", _checked(self.base, self.dimensions))
        if not self.base.training.validation_share:
            raise ConfigError(
                "A sweep compares trials on validation images, and this configuration has none.",
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
        """The number of trials."""
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
        """The base's values in the dimensions; None if outside of them."""
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
        """The inverse of `to_json`; settings may have the names of version 0.1.

        Raises:
            ConfigError: An unknown key, a value out of its range, or a setting given twice.
        """
        if isinstance(value, dict) and "base" in value:
            # What varies is named by keys, which are resolved where they are checked.
            value = {**value, "base": present_names(value["base"])}
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
            "This setting cannot vary: the runs would be evaluated on different images.",
            received=path,
            advice="Set it for all of them alike.",
        )
    return replace(dimension, field=path).checked(path, rule_at(base, path))


def _are_numbers(values: Any) -> bool:
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def parse_dimension(text: str) -> DimensionConfig:
    """A dimension from `FIELD=LOW..HIGH[:log][:STEPS]`, `FIELD=A,B,C` or `FIELD=[JSON, …]`.

    Raises:
        ConfigError: It has none of these forms.
    """
    name, separator, values = (part.strip() for part in text.partition("="))
    if not separator or not name or not values:
        raise ConfigError("What varies cannot be read.", received=text[:80], advice=_FORMS)
    if values.startswith("["):
        return DimensionConfig(field=name, choices=_listed(values))
    if ".." in values:
        return _range(name, values)
    return DimensionConfig(field=name, choices=parse_values(values))


def parse_values(text: str) -> tuple[Any, ...]:
    """`"8, 16, relu"` as its values; what is no JSON is text."""
    return tuple(typed_value(part.strip()) for part in text.split(",") if part.strip())


def _listed(text: str) -> tuple[Any, ...]:
    try:
        return tuple(json.loads(text))
    except (ValueError, RecursionError):
        raise ConfigError(
            "The list of values is no JSON.", received=text[:80], advice=_FORMS
        ) from None


def _range(name: str, text: str) -> DimensionConfig:
    ends, *options = text.split(":")
    low, _, high = ends.partition("..")
    words = [option.strip() for option in options]
    steps = [typed_whole(word) for word in words if word.isdecimal()]
    if len(steps) > 1 or any(not word.isdecimal() and word != "log" for word in words):
        raise ConfigError("The range cannot be read.", received=text[:80], advice=_FORMS)
    found = DimensionConfig(
        field=name,
        low=typed_value(low.strip()),
        high=typed_value(high.strip()),
        log="log" in words,
    )
    # What is typed as a number of steps may be no number of steps: the rule says so.
    steps_typed: Any = steps[0] if steps else found.steps
    return replace(found, steps=steps_typed)


def fields_to_vary(base: RunConfig) -> tuple[str, ...]:
    """Paths of the settings that a form offers, in the order of the configuration."""
    return tuple(
        path
        for path in ruled_paths(base)
        if path not in NEVER_VARY + _OF_NO_USE and isinstance(rule_at(base, path), _OFFERED)
    )


def suggested_dimension(base: RunConfig, path: str) -> DimensionConfig:
    """A sensible range or choice around what the base has; checked."""
    rule, value = rule_at(base, path), value_at(base, path)
    return _around(path, rule, value).checked(path, rule)


def _around(path: str, rule: Any, value: Any) -> DimensionConfig:
    if isinstance(rule, Flag):
        return DimensionConfig(field=path, choices=(False, True))
    if isinstance(rule, (OneOf, OneOfWholes)):
        return DimensionConfig(field=path, choices=rule.options)
    if isinstance(rule, Wholes):
        doubled = tuple(min(2 * item, rule.each.high) for item in value)
        return DimensionConfig(field=path, choices=(value, doubled) if value else ((), (64,)))
    if isinstance(rule, Whole):
        return DimensionConfig(field=path, choices=_wholes(rule, value))
    return _numbers(path, rule, value)


def _wholes(rule: Whole, value: int) -> tuple[int, ...]:
    near = (value // 2, value, 2 * value, 4 * value) if value >= 8 else range(value - 1, value + 3)
    return tuple(dict.fromkeys(item for item in near if rule.low <= item <= rule.high))


def _numbers(path: str, rule: Number, value: float) -> DimensionConfig:
    name = path.rpartition(".")[2]
    if name in _LOG_SCALE and value > 0:
        low, high = _clear(value / 10), _clear(value * 5)
        return DimensionConfig(path, max(low, rule.low), min(high, rule.high), log=True)
    high = _UPTO.get(name, rule.low + _SHARE_OF_ALL * (rule.high - rule.low))
    return DimensionConfig(path, rule.low, min(rule.high, max(high, _clear(2 * value))))


def _clear(value: float) -> float:
    return float(f"{value:.2g}")

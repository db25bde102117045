"""One setting that varies: between two ends, or among named values."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from fmnist_core.config.rules import Flag, Number, Text, Whole, check_fields, ruled
from fmnist_core.errors import ConfigError

MOST_CHOICES = 50


@dataclass(frozen=True)
class DimensionConfig:
    """A setting, and what it may be: `choices`, or all from `low` to `high`."""

    field: str = ruled("", Text(80), "Which setting varies, as `--set` names it.")
    low: Any = None
    high: Any = None
    log: bool = ruled(False, Flag(), "Equal ratios count alike, not equal differences.")
    steps: int = ruled(4, Whole(2, MOST_CHOICES), "How many values of a range a grid tries.")
    choices: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        check_fields(self)
        if not isinstance(self.choices, (list, tuple)) or len(self.choices) > MOST_CHOICES:
            raise self._error(f"has a list of at most {MOST_CHOICES} values", self.choices)
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
                "cannot be spread by ratios from 0 on",
                f"{low}..{high}",
                "Begin above 0, or leave the logarithm out.",
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
        """How many different values there are; infinity for a range of real numbers."""
        if self.choices:
            return len(self.choices)
        return self.high - self.low + 1 if self.whole else math.inf

    @property
    def all_values(self) -> tuple[Any, ...]:
        """Every value; only where `count` is finite."""
        return self.choices or tuple(range(self.low, self.high + 1))

    @property
    def grid_values(self) -> tuple[Any, ...]:
        """What a grid tries, rising: all choices, or `steps` values, both ends included."""
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


def _are_numbers(values: Any) -> bool:
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value

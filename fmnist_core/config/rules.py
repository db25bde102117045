"""What a configuration field accepts and is called: one rule a field, checked where it is made.

A form takes its limits, label and help from the field (`rule_of`, `label_of`, `help_of`), so that
page and core cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import Field, field, fields
from numbers import Real
from typing import Any, Protocol

import numpy as np

from fmnist_core.classes import CLASS_COUNT
from fmnist_core.errors import ConfigError, shown


class Rule(Protocol):
    """Checks a value and returns it in its plain Python type."""

    def check(self, name: str, value: Any) -> Any: ...


class Whole:
    """A whole number from `low` to `high`, both included."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def check(self, name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
            raise self._error(name, value)
        if not self.low <= value <= self.high:
            raise self._error(name, value)
        return int(value)

    def _error(self, name: str, value: Any) -> ConfigError:
        return ConfigError(
            f"{name} must be a whole number from {self.low} to {self.high}.", received=shown(value)
        )


def typed_whole(text: str) -> int | str:
    """A whole number as it was typed; what is none, or is too long, stays text to be refused."""
    try:
        return int(text) if text.isdecimal() else text
    except ValueError:
        # Python reads a few thousand digits at most.
        return text


class Number:
    """A finite number from `low` to `high`, both included."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def check(self, name: str, value: Any) -> float:
        # Compared, never converted: a whole number may be longer than any float can hold.
        good = isinstance(value, Real) and not isinstance(value, bool)
        if not good or not self.low <= value <= self.high:
            raise ConfigError(
                f"{name} must be a number from {self.low:g} to {self.high:g}.",
                received=shown(value),
            )
        return float(value)


class OneOf:
    """One of the named options.

    Args:
        labels: What options are called, where it is not their name with a capital letter.
    """

    def __init__(self, *options: str, labels: Mapping[str, str] | None = None) -> None:
        self.options, self._labels = options, dict(labels or {})

    def label(self, option: str) -> str:
        """An option for people."""
        return self._labels.get(option, in_words(option))

    def check(self, name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in self.options:
            raise ConfigError(
                f"{name} must be one of {', '.join(self.options)}.", received=shown(value)
            )
        return value


class OneOfWholes:
    """One of some integers.

    Args:
        words: The rule as a sentence goes on after "must be", where a list of all would be long.
        labels: What options are called, where it is not their digits.
    """

    def __init__(
        self, *options: int, words: str = "", labels: Mapping[int, str] | None = None
    ) -> None:
        self.options, self._labels = options, dict(labels or {})
        self._words = words or f"one of {', '.join(map(str, options))}"

    def label(self, option: int) -> str:
        """An option for people."""
        return self._labels.get(option, str(option))

    def check(self, name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
            raise self._error(name, value)
        if value not in self.options:
            raise self._error(name, value)
        return int(value)

    def _error(self, name: str, value: Any) -> ConfigError:
        return ConfigError(f"{name} must be {self._words}.", received=shown(value))


class Flag:
    """True or false."""

    def check(self, name: str, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ConfigError(f"{name} must be true or false.", received=shown(value))
        return value


class Text:
    """A line of text of at most `longest` characters."""

    def __init__(self, longest: int) -> None:
        self.longest = longest

    def check(self, name: str, value: Any) -> str:
        if not isinstance(value, str) or len(value) > self.longest or not value.isprintable():
            raise ConfigError(
                f"{name} must be one line of at most {self.longest} characters.",
                received=shown(value),
            )
        return value


class Wholes:
    """A list of at most `longest` integers from `low` to `high`."""

    def __init__(self, low: int, high: int, longest: int) -> None:
        self.each, self.longest = Whole(low, high), longest

    def check(self, name: str, value: Any) -> tuple[int, ...]:
        if not isinstance(value, (list, tuple)) or len(value) > self.longest:
            raise ConfigError(
                f"{name} must be a list of at most {self.longest} whole numbers.",
                received=shown(value),
            )
        return tuple(self.each.check(f"{name}[{i}]", item) for i, item in enumerate(value))


class Classes:
    """A list of at most `longest` different class numbers."""

    def __init__(self, longest: int) -> None:
        self.each, self.longest = Whole(0, CLASS_COUNT - 1), longest

    def check(self, name: str, value: Any) -> tuple[int, ...]:
        good = isinstance(value, (list, tuple)) and len(value) <= self.longest
        found = [self.each.check(f"{name}[{i}]", v) for i, v in enumerate(value)] if good else []
        if not good or len(set(found)) < len(found):
            raise ConfigError(
                f"{name} must be a list of at most {self.longest} different class numbers.",
                received=shown(value),
            )
        return tuple(sorted(found))


class Names:
    """A list of at most `longest` different names: letters, digits, `-` and `_`, at most 60."""

    def __init__(self, longest: int) -> None:
        self.longest = longest

    def check(self, name: str, value: Any) -> tuple[str, ...]:
        good = isinstance(value, (list, tuple)) and len(value) <= self.longest
        if not good or not all(_is_name(item) for item in value) or len(set(value)) < len(value):
            raise ConfigError(
                f"{name} must be a list of at most {self.longest} different names "
                "(letters, digits, - and _).",
                received=shown(value),
            )
        return tuple(value)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9][\w-]{0,59}", value) is not None


def in_words(name: str) -> str:
    """`final_factor` as "Final factor"."""
    return name.replace("_", " ").capitalize()


def ruled(default: Any, rule: Rule, explanation: str, *, label: str = "") -> Any:
    """A dataclass field with its default, its rule, and its sentence and label for people.

    Args:
        label: Needed of every field of a configuration that people set.
    """
    metadata = {"rule": rule, "help": explanation, "label": label}
    return field(default=default, metadata=metadata)


def check_fields(config: Any) -> None:
    """Applies every field's rule; for `__post_init__` of a frozen dataclass.

    Raises:
        ConfigError: The first field that breaks its rule, named.
    """
    for item in fields(config):
        rule = item.metadata.get("rule")
        if rule is not None:
            checked = rule.check(item.name, getattr(config, item.name))
            object.__setattr__(config, item.name, checked)


def field_of(kind: Any, name: str) -> Field[Any]:
    """The dataclass field called `name`: its metadata holds `rule` and `help`."""
    return next(item for item in fields(kind) if item.name == name)


def rule_of(kind: Any, name: str) -> Any:
    """The rule of one field, for a form to take its limits or options from."""
    return field_of(kind, name).metadata["rule"]


def help_of(kind: Any, name: str) -> str:
    """The sentence that explains one field to a person."""
    return str(field_of(kind, name).metadata["help"])


def label_of(kind: Any, name: str) -> str:
    """What people call one field."""
    return str(field_of(kind, name).metadata["label"])


def option_label(kind: Any, name: str, option: Any) -> str:
    """What people call one option of a field whose rule has options."""
    return str(rule_of(kind, name).label(option))

"""What varies, in the notation of the command line: `learning_rate=1e-4..1e-2:log:5`."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from fmnist_core.config.override import typed_value
from fmnist_core.config.rules import typed_whole
from fmnist_core.errors import ConfigError
from fmnist_core.sweeps.dimension import DimensionConfig

_FORMS = (
    "Write FIELD=LOW..HIGH, FIELD=LOW..HIGH:log, FIELD=LOW..HIGH:5 (five values in a grid) "
    "or FIELD=A,B,C."
)


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

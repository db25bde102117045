"""What varies, in the notation of the command line: `learning_rate=1e-4..1e-2:log:5`."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

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
    return tuple(_value(part) for part in text.split(",") if part.strip())


def _listed(text: str) -> tuple[Any, ...]:
    try:
        return tuple(json.loads(text))
    except ValueError:
        raise ConfigError(
            "The list of values is no JSON.", received=text[:80], advice=_FORMS
        ) from None


def _range(name: str, text: str) -> DimensionConfig:
    ends, *options = text.split(":")
    low, _, high = ends.partition("..")
    words = [option.strip() for option in options]
    steps = [int(word) for word in words if word.isdecimal()]
    if len(steps) > 1 or any(not word.isdecimal() and word != "log" for word in words):
        raise ConfigError("The range cannot be read.", received=text[:80], advice=_FORMS)
    found = DimensionConfig(field=name, low=_value(low), high=_value(high), log="log" in words)
    return replace(found, steps=steps[0]) if steps else found


def _value(text: str) -> Any:
    try:
        return json.loads(text.strip())
    except ValueError:
        return text.strip()

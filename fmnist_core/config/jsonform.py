"""Configurations to JSON and back, strictly: an unknown key is an error, never ignored."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import asdict, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

from fmnist_core.errors import ConfigError, shown

Config = TypeVar("Config")


def to_json(config: Any) -> dict[str, Any]:
    """The configuration as plain dictionaries and lists."""
    return {key: _plain(value) for key, value in asdict(config).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def flatten(config: Any) -> dict[str, Any]:
    """Each setting by its dotted path, such as `training.schedule.kind`, in their order.

    A list of parts is one entry a setting of each part (`model.blocks.0.filters`); an empty one
    and any other list are values. Values are as in JSON.

    Args:
        config: A configuration, or what `to_json` makes of one.
    """
    return dict(_leaves(config if isinstance(config, dict) else to_json(config), ""))


def _leaves(tree: Any, path: str) -> Iterator[tuple[str, Any]]:
    parts = isinstance(tree, list) and tree and isinstance(tree[0], dict)
    items = dict(enumerate(tree)) if parts else tree
    if not items or not isinstance(items, dict):
        yield path, tree
        return
    for key, value in items.items():
        yield from _leaves(value, f"{path}.{key}" if path else str(key))


def from_json(kind: type[Config], value: Any, path: str = "") -> Config:
    """Builds a configuration of `kind`; missing keys take their defaults.

    Raises:
        ConfigError: Not an object, an unknown key, or a value out of its range.
    """
    if not isinstance(value, dict):
        raise ConfigError(
            f"{path or 'The configuration'} must be an object.", received=shown(value)
        )
    hints = hints_of(kind)  # type: ignore[arg-type]
    known = [item.name for item in fields(kind)]  # type: ignore[arg-type]
    for key in value:
        if key not in known:
            raise unknown_key(path + str(key), [path + name for name in known])
    return kind(**{key: _part(hints[key], item, path + key) for key, item in value.items()})


@cache
def hints_of(kind: type) -> dict[str, Any]:
    """The types of a configuration's fields."""
    # Python compiles each annotation anew, which took most of the time of reading a run.
    return get_type_hints(kind)


def _part(hint: Any, value: Any, path: str) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        return from_json(hint, value, path + ".")
    inner = get_args(hint)[0] if get_args(hint) else None
    if is_dataclass(inner) and isinstance(inner, type) and isinstance(value, list):
        return tuple(from_json(inner, item, f"{path}[{i}].") for i, item in enumerate(value))
    return value


def unknown_key(key: str, known: list[str]) -> ConfigError:
    """The error for a key that no configuration has, with the nearest one that exists."""
    near = difflib.get_close_matches(key, known, n=1)
    names = list(dict.fromkeys(name.rsplit(".", 1)[-1] for name in known))
    advice = f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(names)}."
    return ConfigError("Configurations have no such key.", received=key[:80], advice=advice)

"""One setting of a configuration by its path, such as `model.blocks.0.filters`."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from fmnist_core.config.jsonform import flatten
from fmnist_core.config.override import full_path
from fmnist_core.config.run import RunConfig
from fmnist_core.errors import ConfigError


def ruled_paths(config: RunConfig) -> tuple[str, ...]:
    """The paths of all settings that have a rule, in the order of the configuration."""
    # No blocks at all are an entry of their own.
    return tuple(path for path in flatten(config) if path != "model.blocks")


def resolve(config: RunConfig, key: str) -> str:
    """The whole path of a setting that may be named by its last part alone.

    Raises:
        ConfigError: No such setting, several of this name, or a part that is no single setting.
    """
    path = full_path(config, key)
    if path not in ruled_paths(config):
        raise ConfigError("This is a group of settings, not a setting.", received=key[:80])
    return path


def value_at(config: RunConfig, path: str) -> Any:
    """The value at a path that `resolve` gave."""
    found: Any = config
    for part in path.split("."):
        found = found[int(part)] if isinstance(found, tuple) else getattr(found, part)
    return found


def rule_at(config: RunConfig, path: str) -> Any:
    """The rule at a path that `resolve` gave."""
    parent, _, name = path.rpartition(".")
    holder = value_at(config, parent) if parent else config
    return next(item for item in fields(holder) if item.name == name).metadata["rule"]

"""`KEY=VALUE` changes to a configuration, by path (`model.blocks.0.filters`) or by short name.

The command line, links and sweeps all write them so, also with the names of version 0.1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import Field, fields, is_dataclass
from functools import cache
from typing import Any, get_args

from fmnist_core.config.jsonform import flatten, hints_of, unknown_key
from fmnist_core.config.migration import given_twice, is_older, present_key
from fmnist_core.config.rules import OneOf, field_of, in_words
from fmnist_core.config.run import RunConfig
from fmnist_core.errors import ConfigError


def override(config: RunConfig, assignments: Iterable[str]) -> RunConfig:
    """A new configuration with each `KEY=VALUE` applied.

    A key is a path (`training.schedule.kind`, `model.blocks.0.filters`) or, where it is the
    only one of its name, its last part (`learning_rate`). A value is JSON or plain text.

    Raises:
        ConfigError: No `=`, an unknown or ambiguous key, or a value out of its range.
    """
    return override_tree(config.to_json(), assignments)


def override_tree(tree: dict[str, Any], assignments: Iterable[str]) -> RunConfig:
    """The same for a configuration as JSON, which need not be one yet without the changes.

    Raises:
        ConfigError: As `override`.
    """
    given: dict[str, str] = {}
    for assignment in assignments:
        key, separator, text = assignment.partition("=")
        if not separator:
            raise ConfigError("A change must have the form KEY=VALUE.", received=assignment[:80])
        path = _full_path(tree, key.strip())
        check_given_once(given, key.strip(), ".".join(path))
        _assign(tree, path, typed_value(text.strip()))
    return RunConfig.from_json(tree)


def check_given_once(given: dict[str, str], key: str, path: str) -> None:
    """Notes in `given` (path: key) that `key` was given, whose whole path is `path`.

    One name twice is a change of mind; two names for one setting are a mistake.

    Raises:
        ConfigError: The setting was given by its older name and by its present one.
    """
    before = given.setdefault(path, key)
    if is_older(before) != is_older(key):
        raise given_twice(before if is_older(before) else key, path)


def full_path(config: RunConfig, key: str) -> str:
    """The full path of a key; raises ConfigError as `override` does."""
    return ".".join(_full_path(config.to_json(), key.strip()))


def given_paths(config: RunConfig, keys: Iterable[str]) -> set[str]:
    """The paths that keys stand for, whatever they are called; a key that stands for none is left
    out."""
    found = set()
    for key in keys:
        with suppress(ConfigError):
            found.add(full_path(config, key))
    return found


def typed_value(text: str) -> Any:
    """A value as it was typed: JSON, or plain text where it is none (or none that Python reads)."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


# Names of groups that are short for their main field.
_SHORT = {
    "schedule": "training.schedule.kind",
    "training.schedule": "training.schedule.kind",
    "backbone": "model.backbone.name",
    "model.backbone": "model.backbone.name",
    "distillation": "training.distillation.teacher",
    "training.distillation": "training.distillation.teacher",
}


def _full_path(tree: Any, key: str) -> list[str]:
    key = present_key(key)
    key = _SHORT.get(key, key)
    paths = _assignable(tree)
    if key in paths:
        return key.split(".")
    matches = [path for path in paths if path.endswith(f".{key}")]
    if len(matches) == 1:
        return matches[0].split(".")
    if matches:
        raise ConfigError(
            f"{key} matches several settings.", advice=f"Write one of {', '.join(matches)}."
        )
    raise unknown_key(key, paths + [path.rsplit(".", 1)[-1] for path in paths])


def _assignable(tree: Any) -> list[str]:
    """The paths of all settings, and before those of the blocks the path of all blocks."""
    paths = [each for path in flatten(tree) for each in (re.split(r"\.\d", path)[0], path)]
    return list(dict.fromkeys(path for path in paths if not path.rpartition(".")[2].isdigit()))


def _assign(tree: Any, path: list[str], value: Any) -> None:
    for part in path[:-1]:
        tree = tree[int(part)] if isinstance(tree, list) else tree[part]
    tree[path[-1]] = value


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
    return field_of(holder, name).metadata["rule"]


def path_label(path: str, *, grouped: bool = False) -> str:
    """`model.blocks.0.filters` as "Block 1: Filters".

    Args:
        grouped: Whether to name the group too: "Schedule: final share".
    """
    chain = _fields_at(path)
    if not chain:
        # A sweep's record may hold any path.
        return in_words(path.rpartition(".")[2])
    label = str(chain[-1].metadata["label"])
    if chain[0].name == "model" and len(chain) > 2 and chain[1].name == "blocks":
        return f"Block {int(path.split('.')[2]) + 1}: {label}"
    group = str(chain[-2].metadata["label"]) if grouped and len(chain) > 2 else label
    return label if group == label else f"{group}: {label[:1].lower()}{label[1:]}"


def value_label(path: str, value: Any) -> str:
    """A setting's value for people: 0.0012, 32, "64, 32", "Adam", yes."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (tuple, list)):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, (int, float)):
        return f"{value:g}"
    chain = _fields_at(path)
    rule = chain[-1].metadata.get("rule") if chain else None
    return rule.label(value) if isinstance(rule, OneOf) else str(value)


@cache
def _fields_at(path: str) -> tuple[Field[Any], ...]:
    """The fields that lead to a path; none where no configuration has it."""
    kind: Any = RunConfig
    found: list[Field[Any]] = []
    for part in path.split("."):
        if part.isdigit():
            # One of the blocks.
            continue
        known = fields(kind) if is_dataclass(kind) else ()
        item = next((item for item in known if item.name == part), None)
        if item is None:
            return ()
        found.append(item)
        hint = hints_of(kind)[part]
        kind = next(iter(get_args(hint)), hint)
    return tuple(found)

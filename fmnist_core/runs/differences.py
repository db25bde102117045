"""Configurations side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fmnist_core.config import RunConfig, flatten
from fmnist_core.config.override import value_label

ABSENT = "—"


@dataclass(frozen=True)
class SettingRow:
    """One setting in several configurations.

    Attributes:
        path: Such as `training.schedule.kind` or `model.blocks.0.filters`.
        values: Its value in each configuration, as text; `ABSENT` where it has no such block.
        differs: Whether the configurations disagree on it.
    """

    path: str
    values: tuple[str, ...]
    differs: bool


def config_differences(configs: Sequence[RunConfig]) -> list[SettingRow]:
    """A row a setting, in the order of the configuration, blocks one after another."""
    columns = [
        {path: value_label(path, value) or ABSENT for path, value in flatten(config).items()}
        for config in configs
    ]
    rows = []
    for path in _merged_paths(columns):
        values = tuple(column.get(path, ABSENT) for column in columns)
        rows.append(SettingRow(path, values, len(set(values)) > 1))
    return rows


def _merged_paths(columns: Sequence[dict[str, str]]) -> list[str]:
    # The column with the most blocks comes first: the others add nothing in between.
    longest_first = sorted(columns, key=len, reverse=True)
    return list(dict.fromkeys(path for column in longest_first for path in column))

"""The options of a configuration: a preset, and changes to it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from fmnist_core.config import RunConfig, override
from fmnist_core.config.migration import is_older, present_key
from fmnist_core.config.presets import PRESETS, preset


def add_recipe(parser: argparse.ArgumentParser, what_set_does: str) -> None:
    """Adds `--preset` and `--set KEY=VALUE`, the latter as often as wanted."""
    parser.add_argument("--preset", default="quick", help=f"one of {', '.join(PRESETS)}")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="changes",
        help=what_set_does,
    )


def recipe(options: argparse.Namespace, *more: str) -> RunConfig:
    """The preset with the changes asked for, then `more`; says which keys have a new name.

    Raises:
        ConfigError: There is no such preset or key, or a value breaks its rule.
    """
    note_older_keys(options.changes)
    return override(preset(options.preset).config, [*options.changes, *more])


def note_older_keys(assignments: Iterable[str]) -> None:
    """Notes on stderr the new names of settings with an older name."""
    keys = dict.fromkeys(text.partition("=")[0].strip() for text in assignments)
    for key in filter(is_older, keys):
        print(f"Note: {key} is now named {present_key(key)}.", file=sys.stderr)

"""The configuration on the Train form, one entry of session state a field.

Fields are named by their path in the configuration (`training.schedule.kind`), so that a preset,
an old run's configuration and the form fill and read the same places. A draft may be wrong while
somebody types: only `collect` followed by `RunConfig.from_json` says whether it can be trained.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import streamlit as st

from fmnist_core.config import BlockConfig, RunConfig, flatten
from fmnist_core.config.jsonform import hints_of
from fmnist_core.config.model import BLOCK_COUNT, NO_BACKBONE
from fmnist_core.config.override import rule_at
from fmnist_core.config.presets import PRESETS
from fmnist_core.datasets.load import choose_dataset
from fmnist_core.settings import load_settings
from fmnist_ui.components.config_field import Typed, as_typed, from_typed, read_number, to_typed

_PREFIX = "train/"
FIRST_PRESET = "quick"


def key_of(path: str) -> str:
    """The session state's key, also the widget's, for a path in the configuration."""
    return _PREFIX + path


def get(path: str) -> Any:
    """What the form holds for a path now."""
    return st.session_state[key_of(path)]


def get_or(path: str, default: Any) -> Any:
    """The same, or `default` where the form was never asked for it."""
    return st.session_state.get(key_of(path), default)


def put(path: str, value: Any) -> None:
    """Changes one place of the form, before its widget is drawn or in a callback."""
    st.session_state[key_of(path)] = value


def block_count() -> int:
    """How many blocks the form shows: none where what was typed is no number of blocks."""
    typed = _typed_blocks()
    return 0 if typed.fault else typed.value


def _typed_blocks() -> Typed:
    return read_number("blocks", BLOCK_COUNT, key_of("blocks"))


def has_backbone() -> bool:
    """Whether a backbone takes the place of the blocks, which the form keeps meanwhile."""
    return str(get_or("model.backbone.name", NO_BACKBONE)) != NO_BACKBONE


def fill(config: RunConfig) -> None:
    """Puts a whole configuration into the form. Call before its widgets are drawn."""
    for path, value in _settings(config).items():
        put(path, to_typed(rule_at(config, path), value))
    st.session_state[key_of("blocks")] = len(config.model.blocks)


def choose_preset(name: str, keep: tuple[str, ...] = ()) -> None:
    """Fills the form with a preset; which images are on this machine is none of its business.

    Args:
        keep: Paths that stay as they are.
    """
    paths = ("training.dataset", *keep)
    kept = {path: get(path) for path in paths if key_of(path) in st.session_state}
    fill(PRESETS[name].config)
    for path, value in kept.items():
        put(path, value)


def ready() -> bool:
    """Whether the form was filled in this session."""
    return key_of("preset") in st.session_state


def start() -> None:
    """Fills the form once a session, and whenever another page hands over a configuration."""
    handed_over = st.session_state.pop("train_config", None)
    if handed_over is not None:
        fill(RunConfig.from_json(handed_over))
    elif not ready():
        fill(PRESETS[FIRST_PRESET].config)
        put("training.dataset", choose_dataset(load_settings()))


def ensure_blocks(count: int) -> None:
    """Gives a new block the values of the one before it: deeper usually means more of the same."""
    for index in range(count):
        for item in fields(BlockConfig):
            before = key_of(f"model.blocks.{index - 1}.{item.name}")
            default = st.session_state.get(before, item.default)
            st.session_state.setdefault(key_of(f"model.blocks.{index}.{item.name}"), default)


def collect() -> dict[str, Any]:
    """The form as the JSON of a `RunConfig`; its values are not checked yet.

    Raises:
        ConfigError: No number of blocks was typed, so that the form has none to give.
    """
    if not has_backbone() and (fault := _typed_blocks().fault):
        raise fault
    blocks = 0 if has_backbone() else block_count()
    tree = _part(RunConfig, "")
    tree["model"]["blocks"] = [_part(BlockConfig, f"model.blocks.{i}.") for i in range(blocks)]
    return tree


def _part(kind: Any, before: str) -> dict[str, Any]:
    """What the form holds of a configuration and of those within it, blocks aside."""
    found: dict[str, Any] = {}
    for item in fields(kind):
        path, inner = before + item.name, hints_of(kind)[item.name]
        if is_dataclass(inner):
            found[item.name] = _part(inner, f"{path}.")
        elif "rule" in item.metadata:
            typed = get_or(path, as_typed(kind, item.name))
            found[item.name] = from_typed(item.metadata["rule"], typed)
    return found


def _settings(config: RunConfig) -> dict[str, Any]:
    # No blocks at all are no setting: the form has a number of blocks.
    return {path: value for path, value in flatten(config).items() if path != "model.blocks"}

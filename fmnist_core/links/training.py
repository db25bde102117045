"""The choices of the page Train in a link: the preset's name, and what differs from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fmnist_core.config import RunConfig, flatten
from fmnist_core.config.override import override, override_tree
from fmnist_core.errors import ConfigError, shown
from fmnist_core.presets import PRESETS

PRESET = "preset"


def training_parameters(config: RunConfig) -> dict[str, str]:
    """What a link needs to bring the configuration back: paths and values, as `--set` takes them.

    Which images are trained on goes along only where it is not the preset's.
    """
    base = PRESETS.get(config.preset)
    begin = base.config if base else RunConfig()
    found = {PRESET: base.name} if base else {}
    if config.model.blocks != begin.model.blocks:
        found["model.blocks"] = _short(config.to_json()["model"]["blocks"])
    usual = flatten(begin)
    for path, value in flatten(config).items():
        if path != PRESET and not path.startswith("model.blocks") and value != usual[path]:
            found[path] = value if isinstance(value, str) else _short(value)
    return found


def training_of(parameters: Mapping[str, str]) -> tuple[RunConfig, list[ConfigError]]:
    """The configuration that a link asks for, and what in the link could not be followed.

    What cannot be followed is left out, one choice at a time: an older link still brings the rest.
    """
    faults: list[ConfigError] = []
    config = RunConfig()
    if PRESET in parameters:
        name = parameters[PRESET]
        if name in PRESETS:
            config = PRESETS[name].config
        else:
            faults.append(
                ConfigError(f"preset must be one of {', '.join(PRESETS)}.", received=shown(name))
            )
    try:
        # Together first: some choices are allowed only beside others.
        return _together(config, parameters), faults
    except ConfigError:
        pass
    # Blocks first: what is said of a block needs it to be there.
    keys = sorted(
        (key for key in parameters if key != PRESET), key=lambda key: key != "model.blocks"
    )
    for key in keys:
        try:
            config = _followed(config, key, parameters[key])
        except ConfigError as error:
            faults.append(error)
    return config, faults


def _together(config: RunConfig, parameters: Mapping[str, str]) -> RunConfig:
    tree = config.to_json()
    if "model.blocks" in parameters:
        tree["model"]["blocks"] = _blocks(parameters["model.blocks"])
    others = [key for key in parameters if key not in (PRESET, "model.blocks")]
    return override_tree(tree, [f"{key}={parameters[key]}" for key in others])


def _blocks(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ConfigError("model.blocks must be a list of blocks.", received=text[:80]) from None


def _followed(config: RunConfig, key: str, text: str) -> RunConfig:
    if key != "model.blocks":
        return override(config, [f"{key}={text}"])
    tree = config.to_json()
    tree["model"]["blocks"] = _blocks(text)
    return RunConfig.from_json(tree)


def _short(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))

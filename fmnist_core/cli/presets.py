"""`presets`: the named configurations and what each is for."""

from __future__ import annotations

import argparse
import json
from typing import Any

from fmnist_core.config.presets import PRESETS, Preset
from fmnist_core.models import summarise


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("presets", help="list the presets")
    parser.add_argument("--json", action="store_true", help="full configurations as JSON")


def run(options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps([_plain(preset) for preset in PRESETS.values()]))
        return 0
    for preset in PRESETS.values():
        parameters = summarise(preset.config.model).parameters
        epochs = preset.config.training.epochs
        print(f"{preset.name:12}  {parameters:>9,} parameters  {epochs:>3} epochs")
        print(f"{'':12}  {preset.purpose}")
    return 0


def _plain(preset: Preset) -> dict[str, Any]:
    return {
        "name": preset.name,
        "title": preset.title,
        "purpose": preset.purpose,
        "parameters": summarise(preset.config.model).parameters,
        "config": preset.config.to_json(),
    }

"""`ship RUN`: makes a finished run the model that comes with the lab."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from fmnist_core.cli.run_lookup import find_run
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import load_settings
from fmnist_core.shipped import ASSETS
from fmnist_core.shipped.publish import publish


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("ship", help="make a finished run the model that comes with it")
    parser.add_argument("run", help="identifier or name of a run, or `latest`")
    parser.add_argument("--into", type=Path, default=ASSETS, help="folder of the shipped model")


def run(options: argparse.Namespace) -> int:
    settings = load_settings()
    folder = RunFolder.open(settings.runs_dir, find_run(options.run, settings).id)
    recipe = publish(folder, options.into)["recipe"]
    print(f"shipped   {recipe['run']} ({recipe['bytes'] / 2**20:.1f} MB)")
    print(f"SHA-256   {recipe['sha256']}")
    print("The figures on its card are to be measured anew: see bench/everyday.py.")
    return 0

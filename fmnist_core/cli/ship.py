"""`ship RUN`: makes a finished run a network that comes with the lab."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from fmnist_core.cli.run_lookup import find_run
from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.pretrained import ASSETS, SHIPPED_EVERYDAY, SHIPPED_NETWORKS
from fmnist_core.runs.pretrained.publish import publish
from fmnist_core.settings import load_settings

_NETWORKS = {part: network for network, part in SHIPPED_NETWORKS.items()}


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("ship", help="make a finished run a shipped network")
    parser.add_argument("run", help="identifier or name of a run, or `latest`")
    parser.add_argument(
        "--as",
        dest="part",
        choices=list(_NETWORKS),
        default=SHIPPED_NETWORKS[SHIPPED_EVERYDAY],
        help="which of the two: the one for what people bring (the default), or the one for images "
        "of the data set's own kind",
    )
    parser.add_argument("--into", type=Path, default=ASSETS, help="folder of the shipped model")


def run(options: argparse.Namespace) -> int:
    settings = load_settings()
    folder = RunFolder.open(settings.runs_dir, find_run(options.run, settings).id)
    recipe = publish(folder, _NETWORKS[options.part], options.into)["recipe"]
    print(f"shipped   {recipe['run']} as {options.part} ({recipe['bytes'] / 2**20:.1f} MB)")
    print(f"SHA-256   {recipe['sha256']}")
    print("Measure the metrics of the model card again: see bench/everyday.py.")
    return 0

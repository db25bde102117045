"""`import FILE`: a Keras file or a packed run from elsewhere becomes a run of this lab."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fmnist_core.cli.progress import ProgressBar
from fmnist_core.cli.run_lookup import use_data_dir
from fmnist_core.exchange.importing import import_file
from fmnist_core.settings import load_settings


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("import", help="import a .keras file, or an exported run (.zip)")
    parser.add_argument("path", type=Path, metavar="FILE")
    parser.add_argument("--name", default="", help="name of the run (default: the file name)")
    parser.add_argument("--data-dir", help="folder with the four official files")
    parser.add_argument(
        "--json", action="store_true", help="print the result as JSON in the last line"
    )


def run(options: argparse.Namespace) -> int:
    """Raises LabError: It was not taken in, and why."""
    use_data_dir(options.data_dir)
    bar = ProgressBar(1.0, f"import of {options.path.name}")
    try:
        found = import_file(options.path, load_settings(), name=options.name, on_progress=bar.reach)
    finally:
        bar.close()
    if options.json:
        print(json.dumps(asdict(found)))
    else:
        print(f"run   {found.run_id}\n{found.note}")
        if found.warning:
            print(f"Warning: {found.warning}", file=sys.stderr)
    return 0

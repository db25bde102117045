"""`export RUN --format …`: a network, its training or its report as a file for others."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from fmnist_core.cli.progress import ProgressBar
from fmnist_core.cli.run_lookup import find_model, use_data_dir
from fmnist_core.exchange.exporting.exporting import Exported, export
from fmnist_core.exchange.exporting.formats import FORMATS, format_named
from fmnist_core.exchange.exporting.subject import subject_of
from fmnist_core.settings import load_settings

_CHECKED = ("images", "labels_equal", "max_probability_difference", "accuracy")


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("export", help="export a network as a file for other programs")
    parser.add_argument("run", help="a run, `latest`, `shipped` or one network of it")
    parser.add_argument("--format", required=True, choices=list(FORMATS))
    parser.add_argument("--out", type=Path, default=Path(), help="folder for it (default: here)")
    parser.add_argument("--data-dir", help="folder with the four official files")
    parser.add_argument(
        "--json", action="store_true", help="print the result as JSON in the last line"
    )


def run(options: argparse.Namespace) -> int:
    """Raises LabError: It was not exported, and why."""
    use_data_dir(options.data_dir)
    settings = load_settings()
    wanted = format_named(options.format)
    subject = subject_of(find_model(options.run, settings), settings)
    bar = ProgressBar(1.0, f"{wanted.title} of {subject.name}")
    try:
        found = export(subject, wanted, options.out, settings, bar.reach)
    finally:
        bar.close()
    print(json.dumps(_for_machines(found)) if options.json else _for_people(found))
    return 0


def _for_machines(found: Exported) -> dict[str, Any]:
    check = found.check
    checked = {name: getattr(check, name) if check else None for name in _CHECKED}
    return {"file": str(found.path), "bytes": found.size, **checked}


def _for_people(found: Exported) -> str:
    lines = [f"file       {found.path} ({found.size / 1e6:.2f} MB)"]
    if check := found.check:
        lines += [
            f"checked    on {check.images:,} test images: {check.labels_equal:,} equal labels,",
            f"           probabilities within {check.max_probability_difference:.2g}",
            f"accuracy   {check.accuracy:.4f}; the network itself {check.accuracy_before:.4f}",
            f"one image  {check.single_ms:.3g} ms",
        ]
    return "\n".join(lines)

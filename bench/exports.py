"""Every network format beside the others: size, agreement, accuracy, latency, time to make it.

    FMNIST_DATA_DIR=... python -m bench.exports [RUN …] [--formats onnx …] [--json FILE]

RUN is a run, or `shipped` (the default). Each export is a process of its own, as on the page, and
is checked over all test images (the page over as many as its JavaScript does in some ten seconds).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fmnist_core.exchange.exporting.formats import FORMATS

_HEAD = (
    "| network | format | MB | images | equal labels | largest difference | accuracy "
    "| one image, ms | in batches, ms | s |"
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.exports", description=__doc__)
    parser.add_argument("runs", nargs="*", default=["shipped"], metavar="RUN")
    networks = [each.name for each in FORMATS.values() if each.is_network]
    parser.add_argument("--formats", nargs="+", default=networks, choices=list(FORMATS))
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    print(_HEAD, "|---" * 10 + "|", sep="\n")
    rows = []
    for run in options.runs:
        for kind in options.formats:
            rows.append(measure(run, kind))
            print(_line(rows[-1]), flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


def measure(run: str, kind: str) -> dict[str, Any]:
    """What the command line tells of one export, with its `seconds`."""
    with TemporaryDirectory() as folder:
        command = ["-m", "fmnist_core", "export", run, "--format", kind, "--out", folder, "--json"]
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=True,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        seconds = time.perf_counter() - began
        told = json.loads(done.stdout.splitlines()[-1])
        return {"run": run, "format": kind, "seconds": seconds, **told, **_latency(Path(folder))}


def _latency(folder: Path) -> dict[str, str]:
    lines = (folder / "model-card.md").read_text("utf-8").splitlines()
    return {"single": _cell(lines, "one image"), "batch": _cell(lines, "in batches")}


def _cell(lines: list[str], begin: str) -> str:
    found = [line.split("|")[2].strip() for line in lines if line.startswith(f"| {begin}")]
    return found[0].removesuffix(" ms") if found else ""


def _line(row: dict[str, Any]) -> str:
    if row["images"] is None:
        return f"| {row['run']} | {row['format']} | {row['bytes'] / 1e6:.2f} | | | | | | | |"
    return (
        f"| {row['run']} | {row['format']} | {row['bytes'] / 1e6:.2f} | {row['images']:,} | "
        f"{row['labels_equal']:,} | {row['max_probability_difference']:.1e} | "
        f"{row['accuracy']:.4f} | {row['single']} | {row['batch']} | "
        f"{row['seconds']:.1f} |"
    )


if __name__ == "__main__":
    main()

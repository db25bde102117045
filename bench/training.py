"""How fast, how accurate, beside what else there is: every figure asked of training, in one go.

    FMNIST_DATA_DIR=... python -m bench.training [--only ROW …] [--seeds 3] [--json FILE] [--again]
    python -m bench.training --list

Prints a table and, as the last line, a JSON list of {"row", "median", "min", "max", "goal", "met",
"unit", "seeds", "note", "machine"}; FILE gets the same list, after each figure, with all that was
measured for each seed under "values". A measuring that was broken off goes on with the same FILE;
--again measures the rows of --only (or all) anew. What cannot be measured here has no figures and
says why in its note.

All rows are measured with one seed, then all with the next: sides that are compared take turns.
The machine should be idle otherwise. Weights are chosen by validation images, if at all; the test
images only report. PyTorch is needed for one row: `pip install -r requirements-bench.txt`, or
BENCH_TORCH_PYTHON=/path/to/a/python that has it.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.training_rows import ROWS
from bench.training_rows.machine import commit, machine
from bench.training_rows.row import Records, Session, Size
from bench.training_rows.scripts import CannotMeasureError
from fmnist_core.errors import LabError
from fmnist_core.settings import load_settings


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    if options.list:
        print("\n".join(f"{row.slug:22}{row.what}" for row in ROWS))
        return 0
    try:
        records = Records(
            ROWS, options.json, smoke=options.smoke, machine=machine(), commit=commit()
        )
        wanted = options.only or [row.slug for row in ROWS]
        if options.again:
            records.forget(wanted)
        if older := records.of_other_code(wanted):
            print(
                f"Kept from other code, --again measures anew: {', '.join(older)}", file=sys.stderr
            )
        measure(records, wanted, options.seeds, Size(options.smoke))
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    found = records.list()
    print(table(found))
    print(json.dumps(found))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.training",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    slugs = [row.slug for row in ROWS]
    parser.add_argument("--only", nargs="+", choices=slugs, metavar="ROW", help="some rows only")
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="seeds 0 to N-1")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all figures; taken up again")
    parser.add_argument("--again", action="store_true", help="also what FILE has already")
    parser.add_argument("--list", action="store_true", help="what the rows are")
    parser.add_argument("--smoke", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.seeds < 1:
        parser.error("--seeds must be at least 1")
    return options


def measure(records: Records, wanted: Sequence[str], seeds: int, size: Size) -> None:
    """Measures what is not in the records yet.

    Raises:
        StorageError: The records cannot be written.
    """
    rows = {row.slug: row for row in ROWS}
    with TemporaryDirectory(prefix="bench-") as home:
        settings = replace(load_settings(), home=Path(home), slots=1)
        session = Session(rows, records, settings, size)
        try:
            for seed in range(seeds):
                for row in rows.values():
                    if row.slug in wanted and seed in row.seeds(seeds):
                        _measure(session, records, row.slug, seed)
        finally:
            session.engine.stop()


def _measure(session: Session, records: Records, slug: str, seed: int) -> None:
    began = time.monotonic()
    try:
        value = session.of(slug, seed)["value"]
    except (CannotMeasureError, LabError) as error:
        records.fail(slug, str(error))
        value = str(error)
    except Exception as error:
        # Hours of measuring must not be lost over one row.
        traceback.print_exc()
        records.fail(slug, f"Failed: {type(error).__name__}: {str(error)[:200]}")
        value = "failed"
    words = f"{value:.4g}" if isinstance(value, float) else value
    print(f"seed {seed}  {slug}  {words}  ({time.monotonic() - began:.0f} s)", file=sys.stderr)


def table(found: Sequence[dict[str, Any]]) -> str:
    """One line a row, as Markdown; notes below."""
    lines = ["| row | median | min | max | seeds | goal | met |", "|---" * 7 + "|"]
    for one in found:
        figures = " | ".join(_figure(one[key]) for key in ("median", "min", "max"))
        met = {True: "yes", False: "**no**", None: ""}[one["met"]]
        unit = f", {one['unit']}" if one["unit"] else ""
        goal = "" if one["goal"] is None else f"{one['goal']:g}"
        lines.append(f"| {one['row']}{unit} | {figures} | {one['seeds']} | {goal} | {met} |")
    lines += ["", *(f"- `{one['row']}`: {one['note']}" for one in found)]
    return "\n".join([*lines, "", *dict.fromkeys(one["machine"] for one in found), ""])


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Whoever ends it ends its engine, too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    sys.exit(main())

"""Draws how the cost of a step grows: `python -m bench.cost_plot FILE [docs/images/cost.svg]`.

FILE is what `python -m bench.training --only growth --json FILE` has kept. Lines are measured,
medians over the seeds; dashed ones are the machine's limit: three times the counted multiply-adds
over the rate of a matrix product of the same precision. Prints the same numbers as a table.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.cost_figure import Line, Panel, svg
from bench.training_rows.growth import SLUG, limit
from fmnist_core.atomic_files import read_json
from fmnist_core.errors import LabError, StorageError

_PRECISIONS = {"float32": "float32", "mixed_bfloat16": "bfloat16"}
# Of each axis: what the panel shows, the name of its x, and what x is.
_AXES = {
    "images": ("Seconds an epoch", "images in an epoch", "images"),
    "width": ("µs an image", "parameters of the network", "parameters"),
    "batch": ("µs an image", "images in a step", "batch_size"),
}


def main(arguments: Sequence[str]) -> int:
    try:
        lines = measured_lines(Path(arguments[0]))
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    panels = [_panel(axis, lines) for axis in _AXES]
    path = Path(arguments[1] if len(arguments) > 1 else "docs/images/cost.svg")
    path.write_text(svg("Time of the compiled training step", panels))
    print(table(lines))
    return 0


def measured_lines(path: Path) -> dict[str, list[dict[str, Any]]]:
    """For each precision its points, medians over the seeds, with `limit` in seconds.

    Raises:
        StorageError: The file has no such figures.
    """
    items = read_json(path)
    rows = items if isinstance(items, list) else []
    raws = [raw for item in rows if item["row"] == SLUG for raw in item["values"].values()]
    if not raws:
        raise StorageError(
            f"{path.name} holds no figures of the row {SLUG}.",
            advice=f"Measure: `python -m bench.training --only {SLUG} --json {path}`.",
        )
    return {
        precision: [_median(points) for points in zip(*_of(raws, precision), strict=True)]
        for precision in _PRECISIONS
    }


def _of(raws: list[dict[str, Any]], precision: str) -> list[list[dict[str, Any]]]:
    return [
        [point | {"limit": limit(point, raw[precision]["rate"])} for point in measured["points"]]
        for raw in raws
        for measured in [raw[precision]]
    ]


def _median(points: Sequence[dict[str, Any]]) -> dict[str, Any]:
    middle = {
        key: statistics.median(point[key] for point in points) for key in ("seconds", "limit")
    }
    return points[0] | middle


def _panel(axis: str, lines: dict[str, list[dict[str, Any]]]) -> Panel:
    title, x_name, key = _AXES[axis]
    whole = axis == "images"
    drawn = []
    for precision, points in lines.items():
        own = [point for point in points if point["axis"] == axis]
        x = [float(point[key]) for point in own]
        for what, dashed in (("seconds", False), ("limit", True)):
            y = [point[what] * (1 if whole else 1e6 / point["images"]) for point in own]
            drawn.append(Line(_PRECISIONS[precision], x, y, dashed))
    return Panel(title, x_name, drawn)


def table(lines: dict[str, list[dict[str, Any]]]) -> str:
    """One line a point, as Markdown."""
    heads = ["parameters", "batch", "images", "float32", "limit", "bfloat16", "limit"]
    rows = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for both in zip(*lines.values(), strict=True):
        facts = [f"{both[0][key]:,}" for key in ("parameters", "batch_size", "images")]
        times = [f"{point[key]:.3g}" for point in both for key in ("seconds", "limit")]
        rows.append(f"| {' | '.join([*facts, *times])} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

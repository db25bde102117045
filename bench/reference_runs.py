"""`reference-a` and `reference-b` through the lab's engine beside a bare Keras script.

    python -m bench.reference_runs [--seeds 3] [--epochs 10] [--recipes reference-a reference-b]
                                   [--json FILE]

Three sides take turns: `bare`, the script as people write it; `reshuffled`, the same with a new
order of the images in each epoch (see `bare_keras.py`); `lab`. The machine should be idle otherwise
and the official files in FMNIST_DATA_DIR. Prints a line a training and the medians at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from fmnist_core.config import override
from fmnist_core.config.presets import preset
from fmnist_core.engine.client import ensure_engine, stop_engine, submit
from fmnist_core.runs.events import read_events
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings, load_settings

_BARE = Path(__file__).with_name("bare_keras.py")


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as home:
        os.environ["FMNIST_HOME"] = home
        settings = load_settings()
        ensure_engine(settings)
        try:
            rows = [
                _pair(recipe, seed, options.epochs, settings)
                for recipe in options.recipes
                for seed in range(options.seeds)
            ]
        finally:
            stop_engine(settings)
    summary = [_summary(recipe, rows) for recipe in options.recipes]
    print(json.dumps(summary, indent=1))
    if options.json:
        Path(options.json).write_text(json.dumps({"runs": rows, "summary": summary}, indent=1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--recipes", nargs="+", default=["reference-a", "reference-b"])
    parser.add_argument("--json")
    return parser.parse_args()


def _pair(recipe: str, seed: int, epochs: int, settings: Settings) -> dict[str, Any]:
    row = {
        "recipe": recipe,
        "seed": seed,
        "bare": _bare(recipe, seed, epochs),
        "lab": _lab(recipe, seed, epochs, settings),
        "reshuffled": _bare(recipe, seed, epochs, "reshuffle"),
    }
    print(json.dumps(row), flush=True)
    return row


def _bare(recipe: str, seed: int, epochs: int, *how: str) -> dict[str, float]:
    began = time.perf_counter()
    command = [sys.executable, str(_BARE), recipe, str(seed), str(epochs), *how]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return {**found, "wall": time.perf_counter() - began}


def _lab(recipe: str, seed: int, epochs: int, settings: Settings) -> dict[str, float]:
    config = override(preset(recipe).config, [f"seed={seed}", f"epochs={epochs}"])
    began = time.perf_counter()
    folder = RunFolder.open(settings.runs_dir, submit(config, settings=settings).run_id)
    while folder.status.active:
        time.sleep(0.2)
    status = folder.status
    if status.state != "finished" or status.test_accuracy is None:
        raise SystemExit(f"The run ended as {status.state}: {status.error}")
    events = read_events(folder.events_path)[0]
    when = {event["kind"]: event["t"] for event in events}
    start = next(event["t"] for event in events if event["kind"] == "start")
    return {
        # From the network being built to the last epoch's end, checkpoints included.
        "seconds": when["epoch"] - start,
        "test_accuracy": status.test_accuracy,
        "wall": time.perf_counter() - began,
    }


def _summary(recipe: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    own = [row for row in rows if row["recipe"] == recipe]

    def median(side: str, key: str) -> float:
        return statistics.median(row[side][key] for row in own)

    ratios = [row["lab"]["seconds"] / row["bare"]["seconds"] for row in own]
    means = {
        side: statistics.mean(row[side]["test_accuracy"] for row in own)
        for side in ("bare", "reshuffled", "lab")
    }
    return {
        "recipe": recipe,
        "seeds": len(own),
        "accuracy_bare": means["bare"],
        "accuracy_reshuffled": means["reshuffled"],
        "accuracy_lab": means["lab"],
        "difference_points": 100 * (means["lab"] - means["bare"]),
        "difference_points_reshuffled": 100 * (means["lab"] - means["reshuffled"]),
        "seconds_bare": median("bare", "seconds"),
        "seconds_lab": median("lab", "seconds"),
        "ratio_median": statistics.median(ratios),
        "ratio_min": min(ratios),
        "ratio_max": max(ratios),
    }


if __name__ == "__main__":
    main()

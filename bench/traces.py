"""What writing traces costs a training: pairs of runs with and without, and the trace's size.

    FMNIST_DATA_DIR=... python -m bench.traces [--presets quick reference-a] [--pairs 5]
                                               [--epochs 0] [--images 0] [--json FILE]

Both runs of a pair are the same but for `trace`, each in a process of its own; which goes first
alternates. The machine should be idle otherwise. 0 epochs or images: as many as the preset says.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from fmnist_core.runs.events import read_events

# A training in a bare process; prints the processor's seconds, which a busy machine moves less,
# without those of judging, which is done once more to know them.
_TRAIN = """
import os, sys, time
from pathlib import Path
from fmnist_core.config import override
from fmnist_core.config.presets import preset
from fmnist_core.runs.folder import RunFolder
from fmnist_core.training import evaluate_run_folder, train
from fmnist_core.training.threads import share_cores
place, config = Path(sys.argv[1]), override(preset(sys.argv[2]).config, sys.argv[3:])
share_cores(os.cpu_count() or 1)
before = time.process_time()
train(config, place)
trained = time.process_time()
evaluate_run_folder(RunFolder(place))
print(trained - before - (time.process_time() - trained))
"""


def main() -> None:
    options = _options()
    rows = [
        _summary(name, options.pairs, options.epochs, options.images) for name in options.presets
    ]
    print(json.dumps(rows, indent=1))
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presets", nargs="+", default=["quick", "reference-a"])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=0)
    parser.add_argument("--images", type=int, default=0)
    parser.add_argument("--json")
    return parser.parse_args()


def _summary(name: str, pairs: int, epochs: int, images: int) -> dict[str, Any]:
    measured = [measure_pair(name, seed, epochs, images) for seed in range(pairs)]

    def slower(clock: str) -> float:
        shares = [pair["with"][clock] / pair["without"][clock] - 1 for pair in measured]
        return round(100 * statistics.median(shares), 2)

    return {
        "preset": name,
        "pairs": measured,
        "slower_percent_median": slower("seconds"),
        "slower_percent_median_processor": slower("processor_seconds"),
        "trace_bytes": max(pair["with"]["trace_bytes"] for pair in measured),
    }


def measure_pair(name: str, seed: int, epochs: int = 0, images: int = 0) -> dict[str, Any]:
    """One run of the preset with a trace and one without; even seeds begin with the former.

    Returns:
        For `with` and `without`: `seconds` from the built network to the last epoch's end,
        `processor_seconds` of the whole training but its judging, `trace_bytes`.
    """
    changes = [f"seed={seed}"]
    changes += [f"epochs={epochs}"] if epochs else []
    changes += [f"train_images={images}"] if images else []
    order = ["with", "without"] if seed % 2 == 0 else ["without", "with"]
    found = {
        side: _run(name, [*changes, f"record_dynamics={side == 'with'}".lower()]) for side in order
    }
    print(json.dumps({"preset": name, "seed": seed, **found}), flush=True)
    return found


def _run(name: str, changes: list[str]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as home:
        place = Path(home) / "runs" / "measured"
        done = subprocess.run(
            [sys.executable, "-c", _TRAIN, str(place), name, *changes],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "FMNIST_HOME": home},
        )
        events = read_events(place / "events.jsonl")[0]
        started = next(event["t"] for event in events if event["kind"] == "start")
        ended = [event["t"] for event in events if event["kind"] == "epoch"][-1]
        trace = place / "trace.jsonl"
        return {
            "seconds": round(ended - started, 3),
            "processor_seconds": round(float(done.stdout.splitlines()[-1]), 3),
            "trace_bytes": trace.stat().st_size if trace.is_file() else 0,
        }


if __name__ == "__main__":
    main()

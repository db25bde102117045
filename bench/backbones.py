"""What a backbone costs: seconds, memory, bytes. `python -m bench.backbones [--json FILE]`.

With random weights, since weights change nothing about the cost. Seconds are processor time shared
out over the cores, the least of three tries: what else runs on the machine counts little then.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from fmnist_core.config import BackboneConfig, ModelConfig, RunConfig, TrainConfig
from fmnist_core.models import summarise
from fmnist_core.models.backbones import BACKBONES, side_of

_IMAGES, _BATCH, _TRIES = 256, 32, 3


def main() -> int:
    """Each backbone in a process of its own, so that its memory is its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", choices=sorted(BACKBONES))
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        print(json.dumps(measured(given.only)))
        return 0
    rows = [_in_process(name) for name in ([given.only] if given.only else BACKBONES)]
    for row in rows:
        print(row)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=2))
    return 0


def _in_process(name: str) -> dict[str, float | str]:
    command = [sys.executable, "-m", "bench.backbones", "--here", "--only", name]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    row: dict[str, float | str] = json.loads(done.stdout.strip().splitlines()[-1])
    return row


def measured(name: str) -> dict[str, float | str]:
    """Seconds for 1 000 images at rest and learning, MB of memory and of a saved network."""
    resting, learning = _seconds(name, 0), _seconds(name, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    summary = summarise(_config(name).model)
    return {
        "backbone": name,
        "side": side_of(BackboneConfig(name)),
        "parameters": summary.parameters,
        "multiply_adds": summary.multiply_adds,
        "seconds_resting": round(resting, 2),
        "seconds_learning": round(learning, 2),
        "peak_mb": round(peak),
        "file_mb": round(_saved_bytes(name) / 1e6, 1),
    }


def _config(name: str) -> RunConfig:
    model = ModelConfig(blocks=(), backbone=BackboneConfig(name), head="global_average", dense=())
    return RunConfig(
        model, TrainConfig(epochs=2, frozen_epochs=1, batch_size=_BATCH, precision="float32")
    )


def _seconds(name: str, epoch: int) -> float:
    """For 1 000 images, the network being built and traced already."""
    from fmnist_core.training.compile import compile_for, compiled_model
    from fmnist_core.training.dataloader import batches
    from fmnist_core.training.freezing import Freezing
    from fmnist_core.training.threads import share_cores

    share_cores(os.cpu_count() or 1)
    config = _config(name)
    model = compiled_model(config, _IMAGES // _BATCH)
    Freezing(config, tuple).apply(model, epoch)
    compile_for(model, config, _IMAGES // _BATCH)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (_IMAGES, 28, 28), np.uint8)
    labels = rng.integers(0, 10, _IMAGES, np.uint8)
    model.fit(batches((images[:_BATCH], labels[:_BATCH]), _BATCH), verbose=0)
    best = float("inf")
    for _ in range(_TRIES):
        began = time.process_time()
        model.fit(batches((images, labels), _BATCH), verbose=0)
        best = min(best, time.process_time() - began)
    return best * 1000 / _IMAGES / (os.cpu_count() or 1)


def _saved_bytes(name: str) -> int:
    from fmnist_core.models.build import build_model

    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        build_model(_config(name).model).save(path)
        return path.stat().st_size


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.exit(main())

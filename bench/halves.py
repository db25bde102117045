"""What stepping in two halves of the batch brings (`HalvedModel` in `fmnist_core/models/build.py`).

    python -m bench.halves [PRESET …] [--rounds 5] [--precision float32|mixed_bfloat16]

Whole and halved steps take turns, each in a process of its own with the threads that it is meant to
have. Prints milliseconds an image (median over the rounds) and the median of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from statistics import median
from typing import Any

from bench.run_through import run_through
from bench.training_rows.scripts import ask_script
from fmnist_core.config import override
from fmnist_core.config.training import COMPUTED_PRECISIONS

_PRESETS = ("quick", "strong", "lesson", "small", "tiny", "best", "reference-a")
_IMAGES = 8_192
_KINDS = ("whole", "halved")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.halves", description=__doc__)
    parser.add_argument("presets", nargs="*", default=_PRESETS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--precision", choices=COMPUTED_PRECISIONS, default="float32")
    options = parser.parse_args()
    print("| preset | batch | whole, ms an image | halved | ratio |\n|---|---|---|---|---|")
    for name in options.presets:
        rounds = [
            {kind: _asked(name, kind, options.precision) for kind in _KINDS}
            for _ in range(options.rounds)
        ]
        print(_line(name, rounds), flush=True)


def _asked(name: str, kind: str, precision: str) -> dict[str, Any]:
    return ask_script("-m", "bench.halves", "--one", name, kind, precision)


def _line(name: str, rounds: list[dict[str, dict[str, Any]]]) -> str:
    whole, halved = ([each[kind]["ms"] for each in rounds] for kind in _KINDS)
    ratio = median(h / w for h, w in zip(halved, whole, strict=True))
    batch = rounds[0]["whole"]["batch"]
    return f"| {name} | {batch} | {median(whole):.3f} | {median(halved):.3f} | {ratio:.2f} |"


def measure(name: str, kind: str, precision: str) -> dict[str, Any]:
    """One process' figures: `ms` an image and the `batch` size."""
    from fmnist_core.config.presets import preset
    from fmnist_core.training.threads import share_cores

    if kind == "halved":
        share_cores(os.cpu_count() or 1)
    import numpy as np

    from fmnist_core.lab_keras import keras
    from fmnist_core.training.compile import compiled_model
    from fmnist_core.training.dataloader import batches

    config = override(preset(name).config, [f"precision={precision}"])
    size = config.training.batch_size
    model: Any = compiled_model(config, _IMAGES // size)
    if kind == "whole":
        # Keras' own step on the same network.
        model.train_step = keras.Model.train_step.__get__(model)
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (_IMAGES, 28, 28), np.uint8)
    fed = batches((images, random.integers(0, 10, _IMAGES, np.uint8)), size)
    model.make_train_function()
    taken = [run_through(model.train_function, iter(fed)) for _ in range(4)]
    # The first one traces.
    return {"ms": 1000 * min(taken[1:]) / _IMAGES, "batch": size}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(*sys.argv[2:5])))
    else:
        main()

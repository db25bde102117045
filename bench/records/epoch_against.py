"""An epoch of the lab beside Keras' own `fit`, and beside PyTorch on CPU.

Claim:    0.790 of `fit`, 0.612 of PyTorch 2.13.0 for `reference-a` in batches of 32 (1 seed);
          0.30 and 0.46 for `strong`.
Goal:     0.65 and 0.60.
Machine:  AMD EPYC, 2 cores, avx2 avx512f avx512_vnni avx512_bf16 (bfloat16), TensorFlow 2.21.0,
          Keras 3.15.1
Date:     November 2026
From:     bench/training.py, row `epoch-against-fit`
          and `epoch-against-torch`

All sides train the same network by plain Adam on 60 000 images without validation. PyTorch stands
in `requirements-bench.txt`; an environment of its own will do, named by BENCH_TORCH_PYTHON.
"""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, replace
from itertools import pairwise
from statistics import median

from bench.records.measure import SHARED, Raw, Row, Session, row, run
from bench.steps import ROOT, CannotMeasureError, ask
from fmnist_core.config import TrainConfig, override
from fmnist_core.config.presets import preset
from fmnist_core.config.training import COMPUTED_PRECISIONS
from fmnist_core.models import summarise
from fmnist_core.models.plan import plan

ROWS: list[Row] = []


# Network and images a step. The first is what the row tells; the second stands in its note.
_NETWORKS = {"reference-a": 32, "strong": 128}


def typical(ends: list[float]) -> float:
    """The median time between two epochs' ends: the first epoch, which traces, is left out."""
    return median(later - earlier for earlier, later in pairwise(ends))


@row(SHARED, "epoch-lab", unit="s")
def _lab_epoch(session: Session, seed: int) -> Raw:
    """Seconds an epoch through the lab's train(), float32: reference-a's network, 60 000 images,
    batches of 32, plain Adam, 2 threads, no validation; median of the epochs after the first."""
    raw: Raw = {}
    changes = [f"seed={seed}", f"epochs={session.epochs(4)}", f"train_images={session.images}"]
    for name, size in _NETWORKS.items():
        training = TrainConfig(batch_size=size, validation_share=0.0, keep_weights="last")
        plain = replace(session.config(name), training=training)
        for precision in COMPUTED_PRECISIONS:
            (run,) = session.train(override(plain, [*changes, f"precision={precision}"]))
            raw[f"{name}/{precision}"] = typical(run.ends)
    return {"value": raw["reference-a/float32"], **raw}


def _torch_ends(name: str, *numbers: int) -> list[float]:
    model = preset(name).config.model
    order: Raw = dict(zip(("batch_size", "images", "epochs", "seed"), numbers, strict=True))
    order |= {"layers": [asdict(one) for one in plan(model)], "threads": os.cpu_count()}
    python = os.environ.get("BENCH_TORCH_PYTHON", sys.executable)
    found = ask(str(ROOT / "bench" / "torch_epoch.py"), python=python, given=order)
    if not found["torch"].startswith("2.13."):
        raise CannotMeasureError(f"PyTorch is {found['torch']}, not 2.13.")
    own, wanted = found["parameters"], summarise(model).trainable_parameters
    if own != wanted:
        raise CannotMeasureError(f"PyTorch's `{name}` has {own} parameters in place of {wanted}.")
    return list(found["ends"])


@row(ROWS, "epoch-against-fit", "Keras' fit on arrays", goal=0.65)
@row(ROWS, "epoch-against-torch", "PyTorch 2.13 (CPU)", goal=0.60)
def _against(session: Session, seed: int, other: str) -> Raw:
    """The lab's seconds an epoch in its better precision over those of {0}, float32, in the
    setting of epoch-lab."""
    lab, raw = session.of("epoch-lab", seed), {}
    for name, size in _NETWORKS.items():
        numbers = (name, size, session.images, session.epochs(4), seed)
        torch = other.startswith("PyTorch")
        ends = _torch_ends(*numbers) if torch else session.call("fit", *numbers)["ends"]
        raw[f"{name}, seconds"] = typical(ends)
        for key in (f"{name}/{precision}" for precision in COMPUTED_PRECISIONS):
            raw[key] = lab[key] / raw[f"{name}, seconds"]
    return {"value": min(raw[f"reference-a/{one}"] for one in COMPUTED_PRECISIONS), **raw}


if __name__ == "__main__":
    run(ROWS, "bench.records.epoch_against", __doc__)

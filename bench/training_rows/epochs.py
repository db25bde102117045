"""Seconds an epoch of one and the same network: the lab, PyTorch, and Keras' own `fit`.

All sides learn from the same 60 000 images by plain Adam, without validation. An epoch lasts from
the end of the one before to its own end, so that whatever a side does between two epochs (the
lab: its checkpoint, its trace) counts. The first epoch, in which graphs are traced, is left out.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from bench.training_rows.row import Raw, Row, Session
from bench.training_rows.scripts import ROOT, CannotMeasureError
from fmnist_core.config.training import COMPUTED_PRECISIONS
from fmnist_core.models import summarise
from fmnist_core.models.plan import plan

LAB = "epoch-lab"
_EPOCHS = 4
# Network and images a step. The first is what the row tells; the second stands in its note.
_NETWORKS = {"reference-a": 32, "strong": 128}
_FIRST, _SECOND = _NETWORKS
_TORCH = "2.13."


def _lab(session: Session, seed: int) -> Raw:
    """Keys such as `reference-a/float32`: seconds an epoch."""
    found = _of_each(lambda name: _lab_seconds(session, name, seed))
    precisions = {f"{name}/{key}": s for name, one in found.items() for key, s in one.items()}
    return {"value": precisions[f"{_FIRST}/float32"], **precisions}


def _lab_seconds(session: Session, name: str, seed: int) -> dict[str, float]:
    epochs = session.size.epochs(_EPOCHS)
    changes = [f"seed={seed}", f"epochs={epochs}", f"train_images={session.size.images}"]

    def seconds(precision: str) -> float:
        changed = [*changes, f"precision={precision}"]
        return typical(session.train(session.plain(name, _NETWORKS[name], *changed)).ends)

    return {precision: seconds(precision) for precision in COMPUTED_PRECISIONS}


def typical(ends: list[float]) -> float:
    """The median time between two epochs' ends."""
    return statistics.median(later - earlier for earlier, later in pairwise(ends))


def _of_each(measure: Callable[[str], Any]) -> dict[str, Any]:
    """Of both networks; the second one may not be there yet."""
    found = {_FIRST: measure(_FIRST)}
    try:
        found[_SECOND] = measure(_SECOND)
    except CannotMeasureError as error:
        print(f"{_SECOND}: {error}", file=sys.stderr)
    return found


def _against(seconds: Callable[[Session, str, int], float]) -> Callable[[Session, int], Raw]:
    def measure(session: Session, seed: int) -> Raw:
        lab = session.of(LAB, seed)
        other = _of_each(lambda name: seconds(session, name, seed))
        ratios = {
            f"{name}/{precision}": lab[f"{name}/{precision}"] / other[name]
            for name in other
            for precision in COMPUTED_PRECISIONS
            if f"{name}/{precision}" in lab
        }
        best = min(COMPUTED_PRECISIONS, key=lambda precision: ratios[f"{_FIRST}/{precision}"])
        note = f"The better one is {best}."
        return {"value": ratios[f"{_FIRST}/{best}"], "note": note, "seconds": other, **ratios}

    return measure


def _fit_seconds(session: Session, name: str, seed: int) -> float:
    session.check_data()
    size = session.size
    numbers = (_NETWORKS[name], size.images, size.epochs(_EPOCHS), seed)
    session.config(name)
    return typical(session.ask("-m", "bench.fit_epoch", name, *map(str, numbers))["ends"])


def _torch_seconds(session: Session, name: str, seed: int) -> float:
    session.check_data()
    model = session.config(name).model
    order = {
        "layers": [asdict(layer) for layer in plan(model)],
        "batch_size": _NETWORKS[name],
        "images": session.size.images,
        "epochs": session.size.epochs(_EPOCHS),
        "seed": seed,
        "threads": os.cpu_count(),
    }
    python = os.environ.get("BENCH_TORCH_PYTHON", sys.executable)
    found = session.ask(str(ROOT / "bench" / "torch_epoch.py"), python=python, given=order)
    if not found["torch"].startswith(_TORCH):
        raise CannotMeasureError(f"PyTorch is {found['torch']}, not {_TORCH}.")
    wanted = summarise(model).trainable_parameters
    if found["parameters"] != wanted:
        raise CannotMeasureError(
            f"PyTorch's `{name}` has {found['parameters']} parameters in place of {wanted}."
        )
    return typical(found["ends"])


_SETTING = (
    "reference-a's network, 60 000 images, batches of 32, plain Adam, 2 threads, no validation; "
    "median of the epochs after the first"
)
_BESIDE = {
    f"{name}/{precision}": f"{name}, batches of {size}, {precision}"
    for name, size in _NETWORKS.items()
    for precision in COMPUTED_PRECISIONS
}

ROWS = (
    Row(
        LAB,
        f"Seconds an epoch through the lab's train(), float32: {_SETTING}.",
        _lab,
        unit="s",
        beside=_BESIDE,
    ),
    Row(
        "epoch-against-torch",
        f"The lab's seconds an epoch over PyTorch 2.13's (CPU, float32): {_SETTING}.",
        _against(_torch_seconds),
        goal=0.7,
        beside=_BESIDE,
    ),
    Row(
        "epoch-against-fit",
        f"The lab's seconds an epoch over those of Keras' fit on arrays: {_SETTING}.",
        _against(_fit_seconds),
        goal=0.7,
        beside=_BESIDE,
    ),
)

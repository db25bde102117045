"""How fast, beside what else there is: the figures of training that are no records.

    FMNIST_DATA_DIR=... python -m bench.training [--only ROW …] [--seeds 3] [--log FILE] [--smoke]
    python -m bench.training --list

docs/performance.md: the rows of "Training", what "On two kinds of processor" says of whole presets,
"The reference recipes beside a bare Keras script" (rows `reference-…-against-script`), the cost of
a trace. Records, such as the accuracy of a preset, are measured by `bench/records/`, from which all
that measures comes (`bench/records/measure.py`).
"""

from __future__ import annotations

import time
from functools import partial

from bench.records.measure import REFERENCE_TIME, Raw, Row, Session, measure_rows, row, run
from fmnist_core.config.presets import PRESETS

ROWS: list[Row] = [REFERENCE_TIME]
_row = partial(row, ROWS)


@_row("reference-b-against-script", "reference-b", goal=1.05)
@_row("reference-a-against-script", "reference-a", goal=1.05)
def _against_script(session: Session, seed: int, recipe: str) -> Raw:
    """The lab's seconds for 10 epochs of {0}, checkpoints included, over those of a bare Keras
    script as people write it (seeded); accuracies also of one with a new order in each epoch."""
    script = session.script(recipe, seed)
    (run,) = session.train(session.config(recipe, f"seed={seed}", f"epochs={session.epochs(10)}"))
    anew = session.script(recipe, seed, "reshuffle")
    raw = {"value": run.seconds / script["seconds"], "Seconds of the lab": run.seconds}
    raw |= {"Accuracy of the lab": run.folder.status.test_accuracy}
    raw |= {"of the script, reshuffled": anew["test_accuracy"]}
    return raw | {"of the script, seeded": script["test_accuracy"]}


@_row("memory", unit="MB", goal=1200, judged_by=max)
def _memory(session: Session, seed: int) -> Raw:
    """Peak resident memory (VmHWM) of the training's process in MB, one epoch of each preset and
    its judging on 10 000 test images; the largest one."""
    # Without a plan that needs more epochs than the one.
    changes = ["epochs=1", "frozen_epochs=0", "early_stopping=0", f"seed={seed}"]
    peaks = {name: session.train(session.config(name, *changes))[0].peak_mb for name in PRESETS}
    return {"value": max(peaks.values()), **peaks}


@_row("two-at-once", goal=1.0)
def _two(session: Session, seed: int) -> Raw:
    """Wall time of two runs at once (FMNIST_SLOTS=2) over that of one after the other (1), from
    handing in to judged, engine warm; the worse of the presets quick (4 epochs) and small (2)."""
    seconds: dict[tuple[str, int], float] = {}
    for slots in (1, 2) if seed % 2 == 0 else (2, 1):
        session.start(slots)
        # Enough for one run to outlast its start.
        for name, epochs in (("quick", 4), ("small", 2)):
            changes = [f"epochs={session.epochs(epochs)}"]
            both = [session.config(name, *changes, f"seed={2 * seed + more}") for more in (0, 1)]
            began = time.time()
            last = max(run.ended for run in session.train(*both, slots=slots))
            seconds[name, slots] = last - began
    raw = {name: seconds[name, 2] / seconds[name, 1] for name in ("quick", "small")}
    return {"value": max(raw.values()), **raw}


@_row("trace-time", goal=1.03)
def _trace(session: Session, seed: int) -> Raw:
    """Seconds of preset quick with a trace over those without; which goes first alternates."""
    runs = {}
    for kept in ("true", "false") if seed % 2 == 0 else ("false", "true"):
        (runs[kept],) = session.train(
            session.config("quick", f"seed={seed}", f"record_dynamics={kept}")
        )
    kept, bare = runs["true"], runs["false"]
    size = (kept.folder.path / "trace.jsonl").stat().st_size / 1000
    raw = {"Seconds with": kept.seconds, "Seconds without": bare.seconds, "KB of the trace": size}
    return {"value": kept.seconds / bare.seconds, **raw}


main = partial(measure_rows, ROWS, "bench.training", __doc__)


if __name__ == "__main__":
    run(ROWS, "bench.training", __doc__)

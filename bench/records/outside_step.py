"""The share of wall time that lies outside the compiled step, shortest preset.

Claim:    0.10 for `quick`, 0.02 for `strong` (1 seed).
Goal:     0.05.
Machine:  AMD EPYC, 2 cores, avx2 avx512f avx512_vnni avx512_bf16 (bfloat16), TensorFlow 2.21.0,
          Keras 3.15.1
Date:     November 2026
From:     bench/training.py, row `outside-step`

After each epoch the same compiled function goes through as many steps once more on one batch that
lies in memory, without callbacks: what an epoch takes longer lies outside the step.
"""

from __future__ import annotations

from bench.records.measure import Raw, Row, Session, row, run

ROWS: list[Row] = []


@row(ROWS, "outside-step", goal=0.05)
def _outside(session: Session, seed: int) -> Raw:
    """Share of an epoch's wall time beyond that of as many bare compiled steps on a batch that
    lies in memory, which take turns with the epochs in the same process; 60 000 images, no
    validation, first epoch left out, the worse of the presets quick and strong."""
    raw: Raw = {}
    for name in ("quick", "strong"):
        found = session.call("outside", name, session.images, session.epochs(7), seed)
        raw |= {name: found["outside"], f"{name}, between the calls": found["between"]}
    return {"value": max(raw["quick"], raw["strong"]), **raw}


if __name__ == "__main__":
    run(ROWS, "bench.records.outside_step", __doc__)

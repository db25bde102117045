"""The best accuracy with fewer than 10 000 parameters.

Claim:    0.9241 (0.9228 to 0.9265, 3 seeds).
          Without near-duplicates: not measured yet.
Goal:     0.927.
Machine:  AMD EPYC, 2 cores, avx2 avx512f avx512_vnni avx512_bf16 (bfloat16), TensorFlow 2.21.0,
          Keras 3.15.1
Date:     November 2026
From:     bench/training.py, row `tiny-accuracy`
"""

from __future__ import annotations

from bench.records.measure import Raw, Row, Session, reached_with, row, run

ROWS: list[Row] = []


@row(ROWS, "under-10k", goal=0.927, at_least=True)
def _accuracy(session: Session, seed: int) -> Raw:
    """Preset tiny as it is on the 10 000 test images, single view, under 10 000 parameters."""
    return reached_with(session, seed, session.config("tiny", f"seed={seed}"), 10_000)


if __name__ == "__main__":
    run(ROWS, "bench.records.under_10k", __doc__)

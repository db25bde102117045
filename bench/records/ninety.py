"""90 % of the test images named rightly, in the least time.

Claim:    0.05 reference times, 0.908 (whole runs of 9.9 and 9.0 s); the same machine held to AVX2:
          0.04, 0.907. Three seeds, a processor with AVX2 only, and without
          near-duplicates: not measured yet.
Goal:     0.06 on either kind of processor.
Machine:  AMD EPYC, 2 cores, avx2 avx512f avx512_vnni avx512_bf16 (bfloat16), TensorFlow 2.21.0,
          Keras 3.15.1
Date:     November 2026
From:     bench/records/legacy/ninety_24_filters.py
"""

from __future__ import annotations

from bench.records.measure import Raw, Row, Session, reached_first, row, run

ROWS: list[Row] = []


@row(ROWS, "ninety", goal=0.06)
def _ninety(session: Session, seed: int) -> Raw:
    """Seconds of preset quick over those of the script; counts with 0.90 on the 10 000 test
    images, single view, last epoch."""
    return reached_first(session, seed, session.config("quick", f"seed={seed}"), 0.90)


if __name__ == "__main__":
    run(ROWS, "bench.records.ninety", __doc__)

"""90 % of the test images named rightly, in the least time.

Claim:    0.045 reference times (3 seeds: 0.044 to 0.051; mean within 0.038 to 0.056), 14 s beside
          309 s, 0.9077 (0.9019 to 0.9132); without near-duplicates 0.9069 (0.9010 to 0.9125).
          Before, on a processor with bfloat16: 0.05, 0.908 (whole runs of 9.9 and 9.0 s, 1 seed).
Goal:     0.06 on either kind of processor.
Machine:  AMD EPYC, 2 cores, avx2 (no avx512, no bfloat16), TensorFlow 2.21.0, Keras 3.15.1. The one
          before: avx2 avx512f avx512_vnni avx512_bf16.
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

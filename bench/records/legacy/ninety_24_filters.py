"""90 % in the least time, with 24 filters in the first layer.

Claim:    0.077 reference times (0.064 to 0.084), 0.9065 to 0.9091, 3 seeds.
          Without near-duplicates: not measured.
Machine:  AMD EPYC, 2 cores, avx2 avx512f avx512_vnni avx512_bf16 (bfloat16), TensorFlow 2.21.0,
          Keras 3.15.1
Date:     November 2026
From:     bench/training.py
"""

from __future__ import annotations

from bench.records.measure import Raw, Row, Session, reached_first, row, run

ROWS: list[Row] = []


@row(ROWS, "ninety-24-filters")
def _ninety(session: Session, seed: int) -> Raw:
    """Seconds of preset quick with 24 filters first, in bfloat16, over those of the script."""
    changes = f"seed={seed}", "model.blocks.0.filters=24", "precision=mixed_bfloat16"
    return reached_first(session, seed, session.config("quick", *changes), 0.90)


if __name__ == "__main__":
    run(ROWS, "bench.records.legacy.ninety_24_filters", __doc__)

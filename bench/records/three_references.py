"""The best accuracy within three reference times.

Claim:    0.9377 (0.9374 to 0.9391, 3 seeds) in 2.0 to 2.4 reference times.
          Without near-duplicates, and on a processor with AVX2 only: not measured yet.
Goal:     0.946 on either kind of processor.
Machine:  AMD EPYC, 2 cores, avx2 avx512f avx512_vnni avx512_bf16 (bfloat16), TensorFlow 2.21.0,
          Keras 3.15.1, November 2026
From:     bench/training.py, row `lesson-accuracy`
          Of the preset as it was before the section "On two kinds of processor".
"""

from __future__ import annotations

from bench.records.measure import Raw, Row, Session, reached_in_time, row, run

ROWS: list[Row] = []


@row(ROWS, "three-references", goal=0.946, at_least=True)
def _accuracy(session: Session, seed: int) -> Raw:
    """Preset lesson as it is on the 10 000 test images, single view, within
    three reference times."""
    return reached_in_time(session, seed, session.config("lesson", f"seed={seed}"), 3)


if __name__ == "__main__":
    run(ROWS, "bench.records.three_references", __doc__)

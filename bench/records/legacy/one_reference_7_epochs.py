"""The best accuracy within one reference time, with 7 epochs.

Claim:    0.9328 (0.9316 to 0.9332, 3 seeds) in 0.68 to 0.80 reference times.
          Without near-duplicates: not measured. Better than its successor's 0.9320 and 0.9317, if
          by no more than seeds differ.
Machine:  AMD EPYC, 2 cores, avx2 avx512f avx512_vnni avx512_bf16 (bfloat16), TensorFlow 2.21.0,
          Keras 3.15.1
Date:     November 2026
From:     bench/training.py
"""

from __future__ import annotations

from bench.records.measure import Raw, Row, Session, reached_in_time, row, run

ROWS: list[Row] = []


@row(ROWS, "one-reference-7-epochs", at_least=True)
def _accuracy(session: Session, seed: int) -> Raw:
    """Preset strong with 7 epochs, in bfloat16, on the 10 000 test images, single view."""
    changes = f"seed={seed}", f"epochs={session.epochs(7)}", "precision=mixed_bfloat16"
    return reached_in_time(session, seed, session.config("strong", *changes), 1)


if __name__ == "__main__":
    run(ROWS, "bench.records.legacy.one_reference_7_epochs", __doc__)

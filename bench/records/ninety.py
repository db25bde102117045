"""90 % of the test images named rightly, in the least time.

Claim:    0.077 reference times (0.064 to 0.084, 3 seeds), 0.9065 to 0.9091; as the preset is
          today 0.05, 0.908 (one seed). Held to AVX2 0.04, 0.907. Without near-duplicates: not
          measured yet. On a processor with AVX2 only: not measured yet.
Goal:     0.06 on either kind of processor.
Machine:  AMD EPYC, 2 cores, avx2 avx512f avx512_vnni avx512_bf16 (bfloat16), TensorFlow 2.21.0,
          Keras 3.15.1, November 2026
From:     bench/training.py, row `quick-time`
          What 0.077 is of began with 24 filters.
"""

from __future__ import annotations

import sys

from bench.records.measure import Raw, Row, Session, reached_in_time, row, run

ROWS: list[Row] = []


@row(ROWS, "ninety", goal=0.06)
def _ninety(session: Session, seed: int) -> Raw:
    """Seconds of preset quick over those of the script; counts with 0.90 on the 10 000 test
    images, single view, last epoch."""
    raw = reached_in_time(session, seed, session.config("quick", f"seed={seed}"), sys.maxsize)
    if raw["value"] >= 0.90:
        return raw | {"value": raw["Reference times"], "Test accuracy": raw["value"]}
    note = f"Only {raw['value']:.4f} on the test images, so that its time does not count."
    return raw | {"value": None, "note": note}


if __name__ == "__main__":
    run(ROWS, "bench.records.ninety", __doc__)

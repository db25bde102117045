"""The best accuracy with fewer than 1 000 parameters.

Claim:    not measured yet.
          Without near-duplicates: not measured yet.
Goal:     0.87.
Machine:  not measured yet
Date:     not measured yet
From:     nothing; the preset `micro` was made for it.
"""

from __future__ import annotations

from bench.records.measure import Raw, Row, Session, reached_with, row, run

ROWS: list[Row] = []


@row(ROWS, "under-1k", goal=0.87, at_least=True)
def _accuracy(session: Session, seed: int) -> Raw:
    """Preset micro as it is on the 10 000 test images, single view, under 1 000 parameters."""
    return reached_with(session, seed, session.config("micro", f"seed={seed}"), 1_000)


if __name__ == "__main__":
    run(ROWS, "bench.records.under_1k", __doc__)

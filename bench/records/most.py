"""The most the lab can do, single view and mean with the mirror image.

Claim:    0.9526 and 0.9547 (1 seed): the shipped network `shipped-catalogue`, preset `best`,
          90 epochs in whole batches. Without near-duplicates: 0.9522 (0.9479 to 0.9563) and 0.9544
          (0.9501 to 0.9583).
Goal:     0.957 and 0.962, 3 seeds.
Machine:  AMD EPYC, 2 cores, avx2 avx512f avx512_vnni avx512_bf16 (bfloat16), TensorFlow 2.21.0,
          Keras 3.15.1
Date:     November 2026
From:     bench/training.py, row `best-single` and `best-flip`

Training three seeds takes hours: `--only most-single most-flip`. Rows `shipped-…` judge the network
that comes with the lab.
"""

from __future__ import annotations

from bench.records.measure import SHARED, Raw, Row, Session, accuracy, judged, reached, row, run
from fmnist_core.runs.pretrained import SHIPPED_CATALOGUE, shipped_model_path

ROWS: list[Row] = []


@row(ROWS, "most-flip", "flip", "mean with the mirror image", goal=0.962, at_least=True)
@row(ROWS, "most-single", "single", "single view", goal=0.957, at_least=True)
def _most(session: Session, seed: int, view: str, words: str) -> Raw:
    """Preset best as it is on the 10 000 test images, {1}."""
    trained = session.of("most-trained", seed)
    return trained | {"value": accuracy(trained["accuracies"][view])}


@row(SHARED, "most-trained")
def _trained(session: Session, seed: int) -> Raw:
    """Preset best, trained once for both."""
    return reached(session, seed, session.config("best", f"seed={seed}"))


@row(ROWS, "shipped-flip", "flip", "mean with the mirror image", most_seeds=1)
@row(ROWS, "shipped-single", "single", "single view", most_seeds=1)
def _shipped(session: Session, seed: int, view: str, words: str) -> Raw:
    """The shipped network `shipped-catalogue` on the 10 000 test images, {1}. One training only,
    so that median, least and most are one figure."""
    found = judged(session, shipped_model_path(SHIPPED_CATALOGUE))
    return {"value": accuracy(found[view]), "accuracies": found}


if __name__ == "__main__":
    run(ROWS, "bench.records.most", __doc__)

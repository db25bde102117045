"""How the cost of a step grows, beside what the machine could do at most.

The limit is three times the counted multiply-adds (forward, and backward twice as much) over the
measured rate of a matrix product. `python -m bench.cost_plot` draws what is kept here.
"""

from __future__ import annotations

from typing import Any

from bench.training_rows.row import Raw, Row, Session
from fmnist_core.config.training import COMPUTED_PRECISIONS

SLUG = "growth"


def _growth(session: Session, seed: int) -> Raw:
    few = ["--few"] if session.size.smoke else []
    found = {
        precision: session.ask("-m", "bench.step_cost", precision, str(seed), *few)
        | session.ask("-m", "bench.step_cost", "rate", precision, *few)
        for precision in COMPUTED_PRECISIONS
    }
    best = {precision: max(map(share_of_limit, _limited(found[precision]))) for precision in found}
    rates = {f"{precision}/rate": found[precision]["rate"] / 1e9 for precision in found}
    return {"value": best["float32"], "best_bfloat16": best["mixed_bfloat16"], **rates, **found}


def limit(point: dict[str, Any], rate: float) -> float:
    """The fewest seconds that the machine could take for a point's images."""
    return float(3 * point["multiply_adds"] * point["images"] / rate)


def share_of_limit(limited: tuple[dict[str, Any], float]) -> float:
    point, least = limited
    return float(least / point["seconds"])


def _limited(found: dict[str, Any]) -> list[tuple[dict[str, Any], float]]:
    return [(point, limit(point, found["rate"])) for point in found["points"]]


ROWS = (
    Row(
        SLUG,
        "Largest share of the machine's limit that a step reaches in float32, over images, width "
        "and batch size (see the plot).",
        _growth,
        beside={
            "best_bfloat16": "In mixed_bfloat16",
            "float32/rate": "Matrix product, G multiply-adds a second, float32",
            "mixed_bfloat16/rate": "bfloat16",
        },
    ),
)

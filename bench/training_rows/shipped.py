"""The shipped network of the data set's own kind, judged from its weights."""

from __future__ import annotations

from collections.abc import Callable

from bench.training_rows.row import Raw, Row, Session
from fmnist_core.runs.pretrained import SHIPPED_CATALOGUE, shipped_model_path


def _view(which: str) -> Callable[[Session, int], Raw]:
    def measure(session: Session, seed: int) -> Raw:
        return {"value": session.views(shipped_model_path(SHIPPED_CATALOGUE))[which]}

    return measure


_OF = "The shipped network `shipped-catalogue` on the 10 000 test images"
_ONCE = "One training only, so that median, least and most are one figure."

ROWS = (
    Row(
        "best-single",
        f"{_OF}, single view. {_ONCE}",
        _view("single"),
        goal=0.955,
        at_least=True,
        most_seeds=1,
    ),
    Row(
        "best-flip",
        f"{_OF}, mean with the mirror image. {_ONCE}",
        _view("flip"),
        goal=0.960,
        at_least=True,
        most_seeds=1,
    ),
)

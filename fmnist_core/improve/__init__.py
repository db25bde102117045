"""The closed loop: from two classes that a network confuses to a remedy, tried and judged.

Which remedy is taken is decided on images held back; test images report, and looks are counted.
"""

from fmnist_core.improve.before_after import (
    TEST,
    VALIDATION,
    BeforeAfter,
    Change,
    before_after,
    compare,
)
from fmnist_core.improve.choosing import best_of
from fmnist_core.improve.cost import expected_seconds
from fmnist_core.improve.earlier import trained_already
from fmnist_core.improve.pair import Pair
from fmnist_core.improve.remedies import Remedy, holding_back, remedies
from fmnist_core.improve.reveal import looks_at, reveal
from fmnist_core.improve.tried import Tried, note_tried, tried_from

__all__ = [
    "TEST",
    "VALIDATION",
    "BeforeAfter",
    "Change",
    "Pair",
    "Remedy",
    "Tried",
    "before_after",
    "best_of",
    "compare",
    "expected_seconds",
    "holding_back",
    "looks_at",
    "note_tried",
    "remedies",
    "reveal",
    "trained_already",
    "tried_from",
]

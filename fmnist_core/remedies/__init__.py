"""The closed loop: from two classes that a network confuses to a remedy, tried and evaluated.

Which remedy is taken is decided on images held back; test images report, and looks are counted.
"""

from fmnist_core.remedies.before_after import (
    TEST,
    VALIDATION,
    BeforeAfter,
    Change,
    Pair,
    before_after,
    compare,
    reveal,
    reveal_count,
)
from fmnist_core.remedies.remedies import (
    Remedy,
    Tried,
    best_of,
    expected_seconds,
    holding_back,
    note_tried,
    remedies,
    trained_already,
    tried_from,
)

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
    "note_tried",
    "remedies",
    "reveal",
    "reveal_count",
    "trained_already",
    "tried_from",
]

"""Choices in an address: what a page shows can be sent to somebody, and comes back checked."""

from fmnist_ui.links.address import (
    CELLS,
    EVALUATE_SECTIONS,
    INSIDE_SECTIONS,
    MATRICES,
    MOST_LENGTH,
    MOST_SEED,
    PAGES,
    checked_parameters,
    page_choices,
    training_of,
    training_parameters,
    with_current_words,
    with_parameters,
)

__all__ = [
    "CELLS",
    "EVALUATE_SECTIONS",
    "INSIDE_SECTIONS",
    "MATRICES",
    "MOST_LENGTH",
    "MOST_SEED",
    "PAGES",
    "checked_parameters",
    "page_choices",
    "training_of",
    "training_parameters",
    "with_current_words",
    "with_parameters",
]

"""Choices in an address: what a page shows can be sent to somebody, and comes back checked.

address      an address with its parameters, within bounds
training     the choices of the page Train: a preset, and what differs from it
choices      the choices of the other pages: a word from a list, a number within limits
"""

from fmnist_core.links.address import (
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
    "with_parameters",
]

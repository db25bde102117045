"""What a search for suspects found."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.errors import LabError


@dataclass(frozen=True)
class Mislabelled:
    """A training image that probably shows something else than its label says.

    Attributes:
        index: Among the training images.
        given, suggested: Its label, and the class it probably shows.
        probability: The network's for `suggested`, 0 to 1.
        of_given: The network's for `given`, 0 to 1.
        agreeing: Share of its nearest neighbours that are labelled `suggested`, 0 to 1.
        held_back: Whether the network never learned from it, so that its word counts in full.
        score: -1 to 1: how much more network and neighbours are for `suggested` than for `given`.
    """

    index: int
    given: int
    suggested: int
    probability: float
    of_given: float
    agreeing: float
    held_back: bool
    score: float


@dataclass(frozen=True)
class CopyPair:
    """A training image and a test image that are all but the same picture.

    Attributes:
        train, test: Where among the training and the test images.
        whole, inside: Correlation of their pixels after the shift, of all of them and of those
            inside both outlines, 0 to 1.
        shift: Rows and columns by which the training image was moved.
        train_label, test_label: Their labels, which may differ.
    """

    train: int
    test: int
    whole: float
    inside: float
    shift: tuple[int, int]
    train_label: int
    test_label: int


@dataclass(frozen=True)
class Suspects:
    """All that one network finds suspicious in one data set.

    Attributes:
        fingerprint: Of the data set.
        images: Training images looked at.
        held_back: How many of them the network never learned from.
        mislabelled: The most suspicious first.
        copies: The most alike first.
    """

    fingerprint: str
    images: int
    held_back: int
    mislabelled: tuple[Mislabelled, ...]
    copies: tuple[CopyPair, ...]


@dataclass(frozen=True)
class SearchState:
    """How far a search is.

    Attributes:
        going_on: Whether it is waited for.
        what: What it does now, for people; empty before it began.
        share: How much of that is done, 0 to 1.
        found: Once it has ended well.
        error: Why it ended otherwise; None where a person stopped it.
    """

    going_on: bool
    what: str = ""
    share: float = 0.0
    found: Suspects | None = None
    error: LabError | None = None

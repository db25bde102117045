"""Stores label issues: what a search found, and which training images people excluded.

    FMNIST_HOME/suspects/FINGERPRINT.json           alone
    FMNIST_HOME/suspects/MEMBER/FINGERPRINT.json    in a class, where each ticks for themselves

One file of excluded images a data set, replaced in one step, so that a killed writer leaves the
last list whole. A search takes minutes: its results are kept, one file for a network and its
images.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.atomic_files import read_json, storage_errors, write_json
from fmnist_core.classroom import own_place
from fmnist_core.errors import DataError, StorageError
from fmnist_core.locks import locked
from fmnist_core.settings import Settings

# Of the networks that were asked about last; each takes some hundred kilobytes.
_KEPT = 16

_log = logging.getLogger(__name__)


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
class LabelIssues:
    """All label issues that a search with one network found in one data set.

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


_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class LabelIssueStore:
    """The training images that who acts has ticked, or the member `owner` of the class.

    Raises:
        NotAllowedError: They are somebody else's.
    """

    def __init__(self, settings: Settings, owner: str | None = None) -> None:
        what = "see or change these label issues"
        self._place = own_place(settings.home / "suspects", settings, what, owner)

    def ticked(self, fingerprint: str) -> tuple[int, ...]:
        """Indices among the training images of a data set, rising; none where nobody ticked any.

        Args:
            fingerprint: The data set's, 64 hexadecimal digits.

        Raises:
            DataError: The list is damaged, or this is no fingerprint.
        """
        path = self._path(fingerprint)
        if not path.exists():
            return ()
        return _checked(read_json(path), path)

    def tick(self, fingerprint: str, shown: Iterable[int], ticked: Iterable[int]) -> None:
        """Keeps what a person did: of the images `shown`, those in `ticked` are ticked, no others.

        Images that were not shown stay as they are, whatever another tab does meanwhile.

        Raises:
            DataError: The list is damaged, or an index is below 0.
            StorageError: The disk is full or cannot be written.
        """
        path = self._path(fingerprint)
        with storage_errors(path), locked(self._place / ".lock"):
            kept = set(self.ticked(fingerprint)) - set(shown) | set(ticked)
            if min(kept, default=0) < 0:
                raise DataError("Training images are counted from 0.", received=min(kept))
            write_json(path, {"ticked": sorted(int(index) for index in kept)})

    def clear(self, fingerprint: str) -> None:
        """Unticks all images of a data set, also where the list is damaged.

        Raises:
            StorageError: The disk cannot be written.
        """
        path = self._path(fingerprint)
        with storage_errors(path), locked(self._place / ".lock"):
            path.unlink(missing_ok=True)

    def _path(self, fingerprint: str) -> Path:
        if not _FINGERPRINT.fullmatch(fingerprint):
            raise DataError(
                "A data set's fingerprint has 64 hexadecimal digits.", received=fingerprint[:80]
            )
        return self._place / f"{fingerprint}.json"


def _checked(value: Any, path: Path) -> tuple[int, ...]:
    indices = value.get("ticked") if isinstance(value, dict) else None
    # `True` is a number to Python.
    if isinstance(indices, list) and all(type(each) is int and each >= 0 for each in indices):
        return tuple(sorted(set(indices)))
    raise DataError(
        "The list of ticked images is damaged.",
        received=str(path),
        advice="Untick all to begin a new one.",
    )


def label_issues_path(
    folder: Path, digest: str, fingerprint: str, held_back: NDArray[np.bool_]
) -> Path:
    """The file of the label issues that a network (SHA-256) finds in a data set (fingerprint).

    Args:
        held_back: bool (n,). A copy of a network may be known to have learned from other images.
    """
    part = hashlib.sha256(np.packbits(held_back).tobytes()).hexdigest()[:8]
    return folder / f"{digest[:20]}-{fingerprint[:20]}-{part}.json"


def load_label_issues(path: Path) -> LabelIssues | None:
    """The stored label issues; None if the file is missing or damaged."""
    value = read_json(path)
    if value is None:
        return None
    try:
        return _from_json(value)
    except (KeyError, TypeError, ValueError) as error:
        _log.warning("The suspects in %s are damaged and are looked for anew: %s", path, error)
        return None


def save_label_issues(path: Path, found: LabelIssues) -> None:
    """Keeps what was found, and drops what was kept for longest.

    A full or read-only disk costs only time at the next start, so it is logged and not raised.
    """
    try:
        write_json(path, asdict(found))
        by_age = sorted(path.parent.glob("[!.]*.json"), key=lambda each: each.stat().st_mtime)
        for old in by_age[:-_KEPT]:
            old.unlink(missing_ok=True)
    except (StorageError, OSError) as error:
        _log.warning("The suspects are not kept on disk. %s", error)


def _from_json(value: Any) -> LabelIssues:
    copies = [CopyPair(**{**each, "shift": tuple(each["shift"])}) for each in value["copies"]]
    found = [Mislabelled(**each) for each in value["mislabelled"]]
    return LabelIssues(**{**value, "mislabelled": tuple(found), "copies": tuple(copies)})

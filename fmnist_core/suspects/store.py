"""Which training images people ticked, so that a training can go on without them.

    FMNIST_HOME/suspects/FINGERPRINT.json

One file a data set, replaced in one step, so that a killed writer leaves the last list whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fmnist_core.durable import read_json, storage_errors, write_json
from fmnist_core.errors import DataError
from fmnist_core.locks import locked
from fmnist_core.settings import Settings

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class SuspectStore:
    """The ticked training images in the lab's home."""

    def __init__(self, settings: Settings) -> None:
        self._place = settings.home / "suspects"

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

"""Feature banks on disk: made once for a network and the images it learned from."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from fmnist_core.data.dataset import ImageSet
from fmnist_core.durable import replace_file
from fmnist_core.errors import StorageError
from fmnist_core.explain.neighbours import FeatureBank, bank_indices

# Of the networks that were asked about last; each takes up to 16 MB.
_KEPT = 8

_log = logging.getLogger(__name__)


def bank_path(folder: Path, digest: str, fingerprint: str) -> Path:
    """Where the bank of a network (its file's SHA-256) and a data set (its fingerprint) lies."""
    return folder / f"{digest[:20]}-{fingerprint[:20]}.npy"


def load_bank(path: Path, examples: ImageSet) -> FeatureBank | None:
    """The bank, or None where there is none that fits `examples`."""
    try:
        directions = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, EOFError) as error:
        _log.warning("The features in %s are damaged and are made anew: %s", path, error)
        return None
    if directions.dtype != np.float16 or directions.ndim != 2 or not directions.shape[1]:
        return None
    indices = bank_indices(examples.labels, directions.shape[1])
    if len(indices) != len(directions):
        return None
    _touch(path)
    return FeatureBank(indices, directions)


def save_bank(path: Path, bank: FeatureBank) -> None:
    """Keeps the bank, and drops those not used for longest.

    A full or read-only disk costs only time at the next start, so it is logged and not raised.
    """

    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.save(file, bank.directions)

    try:
        replace_file(path, write)
        by_age = sorted(path.parent.glob("[!.]*.npy"), key=lambda each: each.stat().st_mtime)
        for old in by_age[:-_KEPT]:
            old.unlink(missing_ok=True)
    except (StorageError, OSError) as error:
        _log.warning("The features are not kept on disk. %s", error)


def _touch(path: Path) -> None:
    try:
        path.touch()
    except OSError:
        _log.info("%s cannot be marked as used.", path)

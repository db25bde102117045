"""What was made once for a network and some images, on disk; above all feature banks."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.data.dataset import ImageSet
from fmnist_core.durable import replace_file
from fmnist_core.errors import StorageError
from fmnist_core.explain.neighbours import FeatureBank, bank_indices

# Of the networks that were asked about last; a bank takes up to 16 MB.
_KEPT = 8

_log = logging.getLogger(__name__)


def bank_path(folder: Path, digest: str, fingerprint: str) -> Path:
    """Where what belongs to a network (its file's SHA-256) and images (their fingerprint) lies."""
    return folder / f"{digest[:20]}-{fingerprint[:20]}.npy"


def load_bank(path: Path, examples: ImageSet) -> FeatureBank | None:
    """The bank, or None where there is none that fits `examples`."""
    directions = kept_array(path)
    if directions is None:
        return None
    if directions.dtype != np.float16 or directions.ndim != 2 or not directions.shape[1]:
        return None
    indices = bank_indices(examples.labels, directions.shape[1])
    if len(indices) != len(directions):
        return None
    return FeatureBank(indices, directions)


def save_bank(path: Path, bank: FeatureBank) -> None:
    """Keeps the bank, and drops those not used for longest."""
    keep_array(path, bank.directions)


def kept_array(path: Path) -> NDArray[Any] | None:
    """The array kept at `path`, which counts as used now; None where there is none, or it broke."""
    try:
        array: NDArray[Any] = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, EOFError) as error:
        _log.warning("What is kept in %s is damaged and is made anew: %s", path, error)
        return None
    _touch(path)
    return array


def keep_array(path: Path, array: NDArray[Any]) -> None:
    """Keeps an array, and drops those of its folder that were not used for longest.

    A full or read-only disk costs only time at the next start, so it is logged and not raised.
    """

    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.save(file, array)

    try:
        replace_file(path, write)
        by_age = sorted(path.parent.glob("[!.]*.npy"), key=lambda each: each.stat().st_mtime)
        for old in by_age[:-_KEPT]:
            old.unlink(missing_ok=True)
    except (StorageError, OSError) as error:
        _log.warning("%s is not kept on disk. %s", path.name, error)


def _touch(path: Path) -> None:
    try:
        path.touch()
    except OSError:
        _log.info("%s cannot be marked as used.", path)

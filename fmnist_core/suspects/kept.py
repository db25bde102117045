"""What was found, on disk: a search takes minutes, once for a network and its images."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.durable import read_json, write_json
from fmnist_core.errors import StorageError
from fmnist_core.suspects.found import CopyPair, Mislabelled, Suspects

# Of the networks that were asked about last; each takes some hundred kilobytes.
_KEPT = 16

_log = logging.getLogger(__name__)


def suspects_path(
    folder: Path, digest: str, fingerprint: str, held_back: NDArray[np.bool_]
) -> Path:
    """Where the suspects of a network (its file's SHA-256) in a data set (its fingerprint) lie.

    Args:
        held_back: bool (n,). A copy of a network may be known to have learned from other images.
    """
    part = hashlib.sha256(np.packbits(held_back).tobytes()).hexdigest()[:8]
    return folder / f"{digest[:20]}-{fingerprint[:20]}-{part}.json"


def load_suspects(path: Path) -> Suspects | None:
    """What was found, or None where nothing is kept; a damaged file is as none."""
    value = read_json(path)
    if value is None:
        return None
    try:
        return _from_json(value)
    except (KeyError, TypeError, ValueError) as error:
        _log.warning("The suspects in %s are damaged and are looked for anew: %s", path, error)
        return None


def save_suspects(path: Path, found: Suspects) -> None:
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


def _from_json(value: Any) -> Suspects:
    copies = [CopyPair(**{**each, "shift": tuple(each["shift"])}) for each in value["copies"]]
    found = [Mislabelled(**each) for each in value["mislabelled"]]
    return Suspects(**{**value, "mislabelled": tuple(found), "copies": tuple(copies)})

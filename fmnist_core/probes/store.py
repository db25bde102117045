"""The pinned probes: one file each, put in place or removed in one step.

FMNIST_HOME/probes/IMAGE.json
"""

from __future__ import annotations

import time
from pathlib import Path

from fmnist_core.durable import read_json, storage_errors, write_json
from fmnist_core.errors import InputError
from fmnist_core.probes.probe import Probe
from fmnist_core.settings import Settings

# As many as fit on a screen, and as a training asks about between two steps without being slowed.
MOST_PROBES = 24


class ProbeStore:
    """What is pinned in the lab's home."""

    def __init__(self, settings: Settings) -> None:
        self._place = settings.home / "probes"

    def list(self) -> tuple[Probe, ...]:
        """At most 24, in the order in which they were pinned; a damaged file is passed over."""
        found = [entry for path in self._place.glob("[!.]*.json") if (entry := _read(path))]
        found.sort(key=lambda entry: (entry[0], entry[1].id))
        return tuple(probe for _, probe in found[:MOST_PROBES])

    def pin(self, probe: Probe) -> Probe:
        """Keeps a probe; the same image once more keeps its place and takes the new name.

        Raises:
            InputError: There are 24 already.
            StorageError: The disk is full or cannot be written.
        """
        path = self._path(probe.id)
        before = _read(path)
        if before is None and len(self.list()) >= MOST_PROBES:
            raise InputError(
                f"At most {MOST_PROBES} probes can be pinned.",
                advice="Take one away on the page Over time.",
            )
        pinned = before[0] if before else time.time()
        write_json(path, {**probe.to_json(), "pinned": pinned})
        return probe

    def unpin(self, probe_id: str) -> None:
        """Takes a probe away; one that is gone already is no error.

        Raises:
            StorageError: The disk cannot be written.
        """
        path = self._path(probe_id)
        with storage_errors(path):
            path.unlink(missing_ok=True)

    def _path(self, probe_id: str) -> Path:
        return self._place / f"{Path(probe_id).name}.json"


def _read(path: Path) -> tuple[float, Probe] | None:
    value = read_json(path)
    try:
        return float(value["pinned"]), Probe.from_json(value)
    except (InputError, KeyError, TypeError, ValueError):
        return None

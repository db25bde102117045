"""Pinned images: their form, where they are stored, and which of them a run began with.

FMNIST_HOME/probes/IMAGE.json

One file each, put in place or removed in one step. Later pins do not change what a run records.
"""

from __future__ import annotations

import base64
import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.atomic_files import read_json, storage_errors, write_json
from fmnist_core.classes import CLASS_COUNT, CLASS_NAMES, IMAGE_SIDE
from fmnist_core.errors import InputError
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings

# As many as fit on a screen, and as a training asks about between two steps without being slowed.
MOST_PROBES = 24

# In the run's folder: images, names and labels.
_KEPT = "probes.json"


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
                advice="Unpin one first.",
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


LONGEST_NAME = 60
_SHAPE = (IMAGE_SIDE, IMAGE_SIDE)


@dataclass(frozen=True, eq=False)
class Probe:
    """An image to watch.

    Attributes:
        image: uint8 (28, 28), 0 is the black background.
        name: For people, at most 60 characters; may hold anything.
        label: Class number 0 to 9; None where nobody said what it is.
        source: Where it comes from, such as "test image", "drawn", "uploaded" or "held back".

    Raises:
        InputError: An image of another size or kind, or a wrong label.
    """

    image: NDArray[np.uint8]
    name: str
    label: int | None = None
    source: str = ""

    def __post_init__(self) -> None:
        found = np.asarray(self.image)
        if found.dtype != np.uint8 or found.shape != _SHAPE:
            received = f"{found.dtype} {found.shape}"
            raise InputError("A probe is an image uint8 (28, 28).", received=received)
        if self.label is not None and self.label not in range(CLASS_COUNT):
            raise InputError("A probe's label is 0 to 9, or None.", received=self.label)
        object.__setattr__(self, "name", " ".join(str(self.name).split())[:LONGEST_NAME])

    @property
    def id(self) -> str:
        """The same for the same image: 16 hexadecimal digits."""
        return hashlib.sha256(np.ascontiguousarray(self.image).data).hexdigest()[:16]

    @property
    def title(self) -> str:
        """Its name or, where it has none, its class."""
        return self.name or ("Probe" if self.label is None else CLASS_NAMES[self.label])

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, some 1.2 KB."""
        pixels = base64.b64encode(np.ascontiguousarray(self.image).tobytes()).decode()
        return {"name": self.name, "label": self.label, "source": self.source, "image": pixels}

    @classmethod
    def from_json(cls, value: Any) -> Probe:
        """The inverse of `to_json`.

        Raises:
            InputError: It is not of that form.
        """
        try:
            pixels = np.frombuffer(base64.b64decode(value["image"], validate=True), np.uint8)
            name, source = str(value["name"]), str(value["source"])
            return cls(pixels.reshape(_SHAPE), name, value["label"], source)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError("A stored probe is damaged.", received=repr(value)[:80]) from error


def keep_probes(folder: RunFolder, settings: Settings) -> tuple[Probe, ...]:
    """Puts what is pinned now into the folder of a run that begins; then what is kept there.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    if not (folder.path / _KEPT).is_file():
        pinned = ProbeStore(settings).list()
        write_json(folder.path / _KEPT, [probe.to_json() for probe in pinned])
    return probes_of(folder)


def probes_of(folder: RunFolder) -> tuple[Probe, ...]:
    """What the run began with; none where nothing was pinned or the file is damaged."""
    value = read_json(folder.path / _KEPT)
    try:
        return tuple(Probe.from_json(item) for item in value or ())
    except (InputError, TypeError):
        return ()


def _read(path: Path) -> tuple[float, Probe] | None:
    value = read_json(path)
    try:
        return float(value["pinned"]), Probe.from_json(value)
    except (InputError, KeyError, TypeError, ValueError):
        return None

"""The probes that a run began with: later pins do not change what it writes down."""

from __future__ import annotations

from fmnist_core.durable import read_json, write_json
from fmnist_core.errors import InputError
from fmnist_core.probes.probe import Probe
from fmnist_core.probes.store import ProbeStore
from fmnist_core.runs.folder import RunFolder
from fmnist_core.settings import Settings

# In the run's folder: images, names and labels.
KEPT = "probes.json"


def keep_probes(folder: RunFolder, settings: Settings) -> tuple[Probe, ...]:
    """Puts what is pinned now into the folder of a run that begins; then what is kept there.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    if not (folder.path / KEPT).is_file():
        pinned = ProbeStore(settings).list()
        write_json(folder.path / KEPT, [probe.to_json() for probe in pinned])
    return probes_of(folder)


def probes_of(folder: RunFolder) -> tuple[Probe, ...]:
    """What the run began with; none where nothing was pinned or the file is damaged."""
    value = read_json(folder.path / KEPT)
    try:
        return tuple(Probe.from_json(item) for item in value or ())
    except (InputError, TypeError):
        return ()

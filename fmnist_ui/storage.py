"""Whether the lab's folder can take what trainings write."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from fmnist_core.settings import Settings

# Below this a run's weights, diary and checkpoint may not fit any more.
_LEAST_FREE = 100_000_000


def storage_words(settings: Settings) -> str:
    """What is wrong with the disk, with a coloured sign; empty where nothing is."""
    place = _first_that_exists(settings.home)
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return ":red[:material/hard_drive:] The lab's folder cannot be written"
    free = shutil.disk_usage(place).free
    if free < _LEAST_FREE:
        return f":red[:material/hard_drive:] Disk nearly full, {free / 1e6:.0f} MB free"
    return ""


def storage_advice(settings: Settings) -> str:
    """What to do about it, naming the folder."""
    return (
        f"The lab keeps everything in {settings.home}. Free some space there, "
        "or choose another folder with FMNIST_HOME; what is finished is safe."
    )


def _first_that_exists(path: Path) -> Path:
    # `Path.exists` raises where a folder above may not be looked into.
    places = (path, *path.absolute().parents)
    return next(place for place in places if os.access(place, os.F_OK))

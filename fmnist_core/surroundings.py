"""The environment of processes that the lab starts: they find the lab wherever it was started."""

from __future__ import annotations

import os
from pathlib import Path

import fmnist_core


def child_environment(**more: str) -> dict[str, str]:
    """Ours, with the lab's folder first where Python looks for modules, and `more`."""
    root = str(Path(fmnist_core.__file__).parents[1])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), **more}

"""Options about where things are."""

from __future__ import annotations

import os
from pathlib import Path


def use_data_dir(folder: str | None) -> None:
    """Lets `--data-dir` stand in for the environment variable, for child processes too."""
    if folder:
        os.environ["FMNIST_DATA_DIR"] = str(Path(folder).expanduser().resolve())

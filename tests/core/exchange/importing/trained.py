"""A small run that has learned a little from garments."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fmnist_core.datasets.dataset import Dataset
from fmnist_core.runs.folder import RunFolder
from tests.nets import PLAIN


def trained_run(garments: Dataset, home: Path, epochs: int = 2) -> RunFolder:
    """Trained and judged in this process."""
    from fmnist_core.training import train

    training = replace(PLAIN.training, epochs=epochs, dataset=garments.identity.name)
    path = home / "runs" / "20260101-000000-plain-0000"
    train(replace(PLAIN, training=training), path, data=garments)
    return RunFolder(path)

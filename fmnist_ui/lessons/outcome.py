"""What came of a training, to be compared with what was expected of it."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.runs.folder import RunFolder
from fmnist_core.runs.history import follow


@dataclass(frozen=True)
class Figure:
    """One figure of a run.

    Attributes:
        title: What it is called.
        percent: Whether it is a share, given in per cent.
    """

    title: str
    percent: bool


FIGURES = {
    "validation_accuracy": Figure("Validation accuracy", percent=True),
    "test_accuracy": Figure("Test accuracy", percent=True),
    "gap": Figure("Training accuracy minus validation accuracy", percent=True),
    "seconds": Figure("Seconds of training", percent=False),
}


def happened(folder: RunFolder, figure: str) -> float | None:
    """A figure of a run that has ended, in per cent where it is a share; None where it has none."""
    status, history = folder.status, follow(folder.events_path).history
    last = history.epochs_done[-1] if history.epochs_done else None
    if status.active or last is None:
        return None
    if figure == "seconds":
        return status.seconds
    if figure == "test_accuracy":
        return None if status.test_accuracy is None else 100 * status.test_accuracy
    if last.val_accuracy is None:
        return None
    accuracy = last.val_accuracy
    return 100 * (last.accuracy - accuracy if figure == "gap" else accuracy)

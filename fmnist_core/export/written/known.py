"""What the training in the lab came to."""

from __future__ import annotations

from fmnist_core.export.subject import Subject
from fmnist_core.runs.history import History, follow


def known(subject: Subject) -> str:
    """A sentence with the figures of the weights that count; those it has not are left out."""
    status = subject.folder.status
    found = [f"In the lab it trained {int(status.epoch)} of {int(status.epochs)} epochs"]
    validation = validation_accuracy(subject, follow(subject.folder.events_path).history)
    if validation is not None:
        found.append(f"validation accuracy {validation:.4f}")
    if status.test_accuracy is not None:
        found.append(f"test accuracy {status.test_accuracy:.4f}")
    return ", ".join(found) + "."


def validation_accuracy(subject: Subject, history: History) -> float | None:
    """Of the epoch whose weights were kept, 0 to 1; None without validation images."""
    if subject.config.training.keep_weights == "best":
        return history.best.val_accuracy if history.best else None
    return history.epochs_done[-1].val_accuracy if history.epochs_done else None
